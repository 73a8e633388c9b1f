import { useInfiniteQuery } from '@tanstack/react-query';
import { getEvents, getMoreEvents, type EventFilters } from '../api/events';
import { keys } from './keys';

/** Newest first, a page at a time; what happens meanwhile is added by the socket. */
export const useEventList = (filters: EventFilters) =>
  useInfiniteQuery({
    queryKey: keys.eventList(filters),
    queryFn: ({ pageParam }) => (pageParam === null ? getEvents(filters) : getMoreEvents(pageParam)),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    // A list that nobody looks at is not kept: the socket would go on filling it.
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
