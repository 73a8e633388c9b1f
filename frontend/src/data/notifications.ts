/** Queries of notifications. No socket announces their changes. */
import { useQuery } from '@tanstack/react-query';
import { getChannels, getNotificationSettings, getOutbox, getPush } from '../api/notifications';
import { keys } from './keys';

// What is undelivered changes while the page is open.
const ASK_AGAIN_MS = 15_000;

export const useChannels = () => useQuery({ queryKey: keys.channels, queryFn: getChannels });

export const useOutbox = () =>
  useQuery({ queryKey: keys.outbox, queryFn: getOutbox, refetchInterval: ASK_AGAIN_MS });

export const usePush = () => useQuery({ queryKey: keys.push, queryFn: getPush });

export const useNotificationSettings = () =>
  useQuery({ queryKey: keys.notificationSettings, queryFn: getNotificationSettings });
