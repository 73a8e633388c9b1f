import { useQuery } from '@tanstack/react-query';
import { getCodes, getPeople } from '../api/people';
import { keys } from './keys';

/** `enabled`: false for residents, whose request would be refused. */
export const usePeople = (enabled = true) => useQuery({ queryKey: keys.people, queryFn: getPeople, enabled });

export const useCodes = () => useQuery({ queryKey: keys.codes, queryFn: getCodes });
