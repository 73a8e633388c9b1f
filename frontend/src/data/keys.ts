import type { EventFilters } from '../api/events';

export const keys = {
  session: ['session'],
  sessions: ['sessions'],
  totp: ['totp'],
  alarm: ['alarm'],
  sensorKinds: ['sensor kinds'],
  sensors: ['sensors'],
  /** Matches all queries of events. */
  events: ['events'],
  latestEvents: ['events', 'latest'],
  eventLists: ['events', 'list'],
  eventList: (filters: EventFilters) => ['events', 'list', filters],
  people: ['people'],
  codes: ['codes'],
  settings: ['settings'],
  mqtt: ['mqtt'],
  channels: ['channels'],
  outbox: ['outbox'],
  push: ['push'],
  /** Whether this browser is subscribed. */
  ownPush: ['own push'],
  notificationSettings: ['notification settings'],
  outputs: ['outputs'],
  /** What the outputs reported, which everyone sees. */
  reportedOutputs: ['reported outputs'],
  readiness: ['readiness'],
} as const;
