/** History may hold a kind or cause that this version of the page has no word for: see `wordFor`. */
const kinds: Record<string, string> = {
  transition: 'State',
  sensor: 'Sensor',
  bypass: 'Bypass',
  code: 'Code',
  login: 'Login',
  login_failed: 'Failed login',
  wrong_pin: 'Wrong PIN',
  lockout: 'Lockout',
  duress: 'Duress',
  person: 'Person',
  setting: 'Setting',
  integration: 'Integration',
};

const causes: Record<string, string> = {
  api: 'At a panel',
  sensor: 'By a sensor',
  timer: 'Time was up',
  mqtt: 'Over MQTT',
  command: 'By the operator',
};

export const events = {
  title: 'Events',
  kinds,
  causes,
  to: 'to',
  none: 'Nothing has happened yet.',
  noneMatch: 'No event matches these filters.',
  failed: 'The events could not be loaded.',
  loadMore: 'Load more',
  end: 'That is all there is.',
  download: 'Download CSV',
  filters: 'Filters',
  clear: 'Clear filters',
  kind: 'Kind',
  sensor: 'Sensor',
  person: 'Person',
  any: 'Any',
  since: 'From',
  until: 'To',
  shown: (count: number) => (count === 1 ? '1 event shown.' : `${count} events shown.`),
};

/** A word for what the backend calls `key`; its own name where there is none. */
export const wordFor = (key: string, words: Record<string, string>) => words[key] ?? key.replaceAll('_', ' ');
