/** The alarm as components see it: its state and events in the query cache, kept current by the socket. */
import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { arm, disarm, getAlarm, getEvents, getVersion, type Alarm, type ApiError, type ArmMode } from './api';
import { LiveConnection, type LiveStatus } from './live';

const alarmKey = ['alarm'];
const eventsKey = ['events'];

// The socket brings changes at once. Should one be lost on the way, this is how long it goes unnoticed.
const POLL_EVERY_MS = 30_000;

// A home network without internet counts as offline in the browser, and the library would hold requests back -
// an "arm" or "disarm" that runs later, when nobody expects it, is worse than one that fails.
const evenWithoutInternet = { networkMode: 'always' } as const;

export type AlarmAction = { arm: ArmMode } | { disarm: string };

/** Answers overtake each other on the way; the sequence tells which one is older. */
const newest = (known: Alarm | undefined, incoming: Alarm) =>
  known && incoming.sequence < known.sequence ? known : incoming;

export function useAlarm() {
  const queryClient = useQueryClient();
  return useQuery({
    ...evenWithoutInternet,
    queryKey: alarmKey,
    queryFn: async () => {
      const incoming = await getAlarm();
      return newest(queryClient.getQueryData<Alarm>(alarmKey), incoming);
    },
    refetchInterval: POLL_EVERY_MS,
  });
}

export const useEvents = () =>
  useQuery({ ...evenWithoutInternet, queryKey: eventsKey, queryFn: getEvents, refetchInterval: POLL_EVERY_MS });

export const useVersion = () =>
  useQuery({ ...evenWithoutInternet, queryKey: ['version'], queryFn: getVersion, staleTime: Infinity });

export function useAlarmAction() {
  const queryClient = useQueryClient();
  return useMutation<Alarm, ApiError, AlarmAction>({
    ...evenWithoutInternet,
    mutationFn: (action) => ('arm' in action ? arm(action.arm) : disarm(action.disarm)),
    onSuccess: (alarm) => {
      accept(queryClient, alarm);
    },
  });
}

/** Opens the socket for as long as the component is mounted. */
export function useLiveStatus(): LiveStatus {
  const queryClient = useQueryClient();
  const [status, setStatus] = useState<LiveStatus>('connecting');
  useEffect(() => {
    const url = new URL('/ws/alarm/', window.location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const connection = new LiveConnection(url.href, {
      onAlarm: (alarm, snapshot) => {
        accept(queryClient, alarm, snapshot);
      },
      onStatus: setStatus,
    });
    connection.start();
    return () => {
      connection.stop();
    };
  }, [queryClient]);
  return status;
}

/** A snapshot is taken as it is: after a database has been reset or restored, sequences start lower. */
function accept(queryClient: QueryClient, incoming: Alarm, snapshot = false): void {
  queryClient.setQueryData<Alarm>(alarmKey, (known) => (snapshot ? incoming : newest(known, incoming)));
  void queryClient.invalidateQueries({ queryKey: eventsKey });
}
