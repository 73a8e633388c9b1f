/** Writes the socket's snapshots and changes to the query cache. */
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { Alarm } from '../api/alarm';
import { matches, type AlarmEvent, type EventFilters, type EventPage } from '../api/events';
import type { MqttSettings, MqttStatus } from '../api/mqtt';
import type { ReportedOutput } from '../api/outputs';
import type { Sensor } from '../api/sensors';
import type { Change, Snapshot } from '../live/messages';
import { ring } from './chimes';
import { keys } from './keys';

const LATEST = 20;
/** A list that grows longer, on a page that is left open, is refetched with one page. */
const LONGEST_LIST = 1000;

/** Answers can arrive out of order; the sequence tells which is newer. */
export const newest = (known: Alarm | undefined, incoming: Alarm) =>
  known && incoming.sequence < known.sequence ? known : incoming;

export function applySnapshot(cache: QueryClient, snapshot: Snapshot): void {
  // Answers in flight are older than the snapshot.
  void cache.cancelQueries({ queryKey: keys.alarm });
  void cache.cancelQueries({ queryKey: keys.sensors });
  cache.setQueryData<Alarm>(keys.alarm, { ...snapshot.alarm, sequence: snapshot.sequence });
  cache.setQueryData<Sensor[]>(keys.sensors, snapshot.sensors);
  cache.setQueryData<ReportedOutput[]>(keys.reportedOutputs, snapshot.outputs);
  setMqttStatus(cache, snapshot.integrations.mqtt);
  // A snapshot has no events and no settings.
  void cache.invalidateQueries({ queryKey: keys.events });
  void cache.invalidateQueries({ queryKey: keys.settings });
}

export function applyChange(cache: QueryClient, change: Change): void {
  switch (change.topic) {
    case 'alarm': {
      const incoming = { ...change.data, sequence: change.sequence };
      cache.setQueryData<Alarm>(keys.alarm, (known) => newest(known, incoming));
      break;
    }
    case 'sensor':
      cache.setQueryData<Sensor[]>(keys.sensors, (known = []) => withChanged(known, change.data));
      break;
    case 'sensor_removed':
      cache.setQueryData<Sensor[]>(keys.sensors, (known = []) => known.filter(({ id }) => id !== change.data.id));
      break;
    case 'output':
      setOutputs(cache, (known) => withChanged(known, change.data));
      break;
    case 'output_removed':
      setOutputs(cache, (known) => known.filter(({ id }) => id !== change.data.id));
      break;
    case 'settings':
      cache.setQueryData(keys.settings, change.data);
      break;
    case 'integration':
      setMqttStatus(cache, change.data.mqtt);
      break;
    case 'event':
      addEvent(cache, change.data);
      break;
    case 'chime':
      ring(change.data);
  }
}

function withChanged<Item extends { id: number }>(known: Item[], incoming: Item): Item[] {
  const present = known.some(({ id }) => id === incoming.id);
  return present ? known.map((item) => (item.id === incoming.id ? incoming : item)) : [...known, incoming];
}

function setOutputs(cache: QueryClient, change: (known: ReportedOutput[]) => ReportedOutput[]): void {
  cache.setQueryData<ReportedOutput[]>(keys.reportedOutputs, (known = []) => change(known));
  void cache.invalidateQueries({ queryKey: keys.outputs });
}

function setMqttStatus(cache: QueryClient, status: MqttStatus): void {
  cache.setQueryData<MqttSettings>(keys.mqtt, (known) => known && { ...known, status });
}

function addEvent(cache: QueryClient, event: AlarmEvent): void {
  cache.setQueryData<AlarmEvent[]>(keys.latestEvents, (known) => known && withEvent(known, event).slice(0, LATEST));

  for (const [key, list] of cache.getQueriesData<InfiniteData<EventPage>>({ queryKey: keys.eventLists })) {
    const [first, ...others] = list?.pages ?? [];
    if (!list || !first || !matches(event, key.at(-1) as EventFilters)) continue;
    if (first.results.length >= LONGEST_LIST) void cache.resetQueries({ queryKey: key });
    else cache.setQueryData(key, { ...list, pages: [{ ...first, results: withEvent(first.results, event) }, ...others] });
  }

  // The only notice of a change by another administrator.
  if (event.kind === 'person') void cache.invalidateQueries({ queryKey: keys.people });
  if (event.kind === 'code' || event.kind === 'person') void cache.invalidateQueries({ queryKey: keys.codes });
}

const withEvent = (known: AlarmEvent[], event: AlarmEvent) =>
  known.some(({ id }) => id === event.id) ? known : [event, ...known];
