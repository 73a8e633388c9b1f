/** Queries and mutations of the alarm, its sensors and its latest events. The socket keeps them current. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { acknowledge, arm, disarm, getAlarm, type AcknowledgeRequest, type Alarm, type ArmRequest } from '../api/alarm';
import { getEvents } from '../api/events';
import { bypassSensor, getSensorKinds, getSensors } from '../api/sensors';
import { getReadiness } from '../api/settings';
import { newest } from './liveUpdates';
import { useLiveStatus } from './liveStatus';
import { useIsKiosk } from './session';
import { keys } from './keys';

// Without the socket, the state is at most this old.
const POLL_EVERY_MS = 30_000;

/** Options of queries that are polled only while there is no socket. */
const usePolling = () => {
  const live = useLiveStatus() === 'live';
  return { refetchInterval: live ? false : POLL_EVERY_MS, staleTime: live ? Infinity : 0 } as const;
};

export function useAlarm() {
  const cache = useQueryClient();
  return useQuery({
    ...usePolling(),
    queryKey: keys.alarm,
    queryFn: async () => {
      const incoming = await getAlarm();
      return newest(cache.getQueryData<Alarm>(keys.alarm), incoming);
    },
  });
}

/** Whether the backend accepts what would weaken the alarm. True while the state is unknown: it decides. */
export const useIsDisarmed = () => (useAlarm().data?.state ?? 'disarmed') === 'disarmed';

export const useSensors = () =>
  useQuery({ ...usePolling(), queryKey: keys.sensors, queryFn: getSensors, enabled: !useIsKiosk() });

export const useSensorKinds = () =>
  useQuery({ queryKey: keys.sensorKinds, queryFn: getSensorKinds, staleTime: Infinity });

export const useLatestEvents = () =>
  useQuery({
    ...usePolling(),
    queryKey: keys.latestEvents,
    queryFn: async () => (await getEvents({})).results,
  });

/** The version served, and whether the worker runs: no message of the socket tells that it does not. */
export const useReadiness = () =>
  useQuery({ queryKey: keys.readiness, queryFn: getReadiness, refetchInterval: POLL_EVERY_MS });

type AlarmAction = { arm: ArmRequest } | { disarm: string } | { acknowledge: AcknowledgeRequest };

function send(action: AlarmAction): Promise<Alarm> {
  if ('arm' in action) return arm(action.arm);
  if ('disarm' in action) return disarm(action.disarm);
  return acknowledge(action.acknowledge);
}

export function useAlarmAction() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: (alarm) => cache.setQueryData<Alarm>(keys.alarm, (known) => newest(known, alarm)),
  });
}

export function useBypass() {
  const refresh = useRefreshSensors();
  return useMutation({
    mutationFn: ({ id, bypassed }: { id: number; bypassed: boolean }) => bypassSensor(id, bypassed),
    onSuccess: refresh,
  });
}

/** Refetches without a socket only: an answer of the API could overwrite a newer change of the socket's. */
export function useRefreshSensors() {
  const cache = useQueryClient();
  const live = useLiveStatus() === 'live';
  return () => (live ? undefined : cache.invalidateQueries({ queryKey: keys.sensors }));
}
