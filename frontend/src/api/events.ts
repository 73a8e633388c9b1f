/** The event history: newest first, in pages. */
import * as v from 'valibot';
import { request } from './request';
import { vEvent, vEventPage } from './schema/valibot';

export const eventKinds = vEvent.entries.kind.options;

/** `kind` and `cause` are open: a backend that is newer than this page may send unknown ones. */
export const AlarmEvent = v.object({
  ...vEvent.entries,
  kind: v.string(),
  cause: v.string(),
  /** An older backend, during an upgrade, sends none. */
  facts: v.optional(vEvent.entries.facts, null),
});
export type AlarmEvent = v.InferOutput<typeof AlarmEvent>;

const EventPage = v.object({ next: vEventPage.entries.next, results: v.array(AlarmEvent) });
export type EventPage = v.InferOutput<typeof EventPage>;

export interface EventFilters {
  kind?: string[];
  sensor?: number;
  person?: number;
  /** Days in the browser's time zone, such as `2026-01-31`; both are included. */
  since?: string;
  until?: string;
}

const PAGE_SIZE = 50;

export const getEvents = (filters: EventFilters) =>
  request(EventPage, `/api/events/?${searchOf(filters, { page_size: String(PAGE_SIZE) })}`);

/** Takes `next` of the previous page and uses its query only: behind a proxy, its host can be wrong. */
export const getMoreEvents = (next: string) =>
  request(EventPage, `/api/events/${new URL(next, window.location.href).search}`);

export const exportAddress = (filters: EventFilters) => `/api/events/export/?${searchOf(filters)}`;

function searchOf(filters: EventFilters, others: Record<string, string> = {}): string {
  const search = new URLSearchParams(others);
  for (const kind of filters.kind ?? []) search.append('kind', kind);
  if (filters.sensor !== undefined) search.set('sensor', String(filters.sensor));
  if (filters.person !== undefined) search.set('person', String(filters.person));
  const [since, until] = limitsOf(filters);
  if (since) search.set('since', since.toISOString());
  if (until) search.set('until', until.toISOString());
  return search.toString();
}

/** The start of the first day and the end of the last. */
function limitsOf({ since, until }: EventFilters): [Date | null, Date | null] {
  return [since ? new Date(`${since}T00:00:00`) : null, until ? new Date(`${until}T23:59:59.999`) : null];
}

/** Applies the backend's filters to an event from the socket. */
export function matches(event: AlarmEvent, filters: EventFilters): boolean {
  const [since, until] = limitsOf(filters);
  const at = new Date(event.at);
  return (
    (!filters.kind?.length || filters.kind.includes(event.kind)) &&
    (filters.sensor === undefined || event.sensor?.id === filters.sensor) &&
    (filters.person === undefined || event.person?.id === filters.person) &&
    (!since || at >= since) &&
    (!until || at <= until)
  );
}
