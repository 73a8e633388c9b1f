/** The alarm, its sensors and its latest events as components see them: in the cache, kept current by the socket. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { arm, disarm, getAlarm, type Alarm, type ArmRequest } from '../api/alarm';
import { getEvents } from '../api/events';
import { bypassSensor, getSensors } from '../api/sensors';
import { getVersion } from '../api/settings';
import { newest } from './liveUpdates';
import { useLiveStatus } from './liveStatus';
import { keys } from './keys';

// Where only the socket is blocked, the last known state is at least this recent.
const POLL_EVERY_MS = 30_000;

/** What the socket brings is asked for only while there is no socket. */
const useWithoutSocket = () => {
  const live = useLiveStatus() === 'live';
  return { refetchInterval: live ? false : POLL_EVERY_MS, staleTime: live ? Infinity : 0 } as const;
};

export function useAlarm() {
  const cache = useQueryClient();
  return useQuery({
    ...useWithoutSocket(),
    queryKey: keys.alarm,
    queryFn: async () => {
      const incoming = await getAlarm();
      return newest(cache.getQueryData<Alarm>(keys.alarm), incoming);
    },
  });
}

export const useSensors = () => useQuery({ ...useWithoutSocket(), queryKey: keys.sensors, queryFn: getSensors });

export const useLatestEvents = () =>
  useQuery({
    ...useWithoutSocket(),
    queryKey: keys.latestEvents,
    queryFn: async () => (await getEvents({})).results,
  });

export const useVersion = () => useQuery({ queryKey: keys.version, queryFn: getVersion, staleTime: Infinity });

type AlarmAction = { arm: ArmRequest } | { disarm: string };

export function useAlarmAction() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (action: AlarmAction) => ('arm' in action ? arm(action.arm) : disarm(action.disarm)),
    onSuccess: (alarm) => {
      cache.setQueryData<Alarm>(keys.alarm, (known) => newest(known, alarm));
    },
  });
}

export function useBypass() {
  const refresh = useRefreshSensors();
  return useMutation({
    mutationFn: ({ id, bypassed }: { id: number; bypassed: boolean }) => bypassSensor(id, bypassed),
    onSuccess: refresh,
  });
}

/** The socket brings what has changed, in order; an answer of the API could overwrite something newer. */
export function useRefreshSensors() {
  const cache = useQueryClient();
  const live = useLiveStatus() === 'live';
  return () => (live ? undefined : cache.invalidateQueries({ queryKey: keys.sensors }));
}
