import { useQuery } from '@tanstack/react-query';
import { getMqtt } from '../api/mqtt';
import { getSettings } from '../api/settings';
import { keys } from './keys';

export const useSettings = () => useQuery({ queryKey: keys.settings, queryFn: getSettings });

/** The socket updates its status. */
export const useMqtt = () => useQuery({ queryKey: keys.mqtt, queryFn: getMqtt });
