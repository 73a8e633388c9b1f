import { useInfiniteQuery } from '@tanstack/react-query';
import { getEvents, getMoreEvents, type EventFilters } from '../api/events';
import { keys } from './keys';

/** Newest first, page by page; the socket adds new events. */
export const useEventList = (filters: EventFilters) =>
  useInfiniteQuery({
    queryKey: keys.eventList(filters),
    queryFn: ({ pageParam }) => (pageParam === null ? getEvents(filters) : getMoreEvents(pageParam)),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    // The socket would keep adding events to a cached list.
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
