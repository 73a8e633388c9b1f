import { useQuery } from '@tanstack/react-query';
import { getSessions } from '../api/sessions';
import { keys } from './keys';

export const useSessions = () => useQuery({ queryKey: keys.sessions, queryFn: getSessions });
