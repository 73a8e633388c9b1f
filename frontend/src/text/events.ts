/** Not complete for a newer backend: `wordFor` covers kinds and causes that are missing here. */
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
  end: 'There are no older events.',
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

/** The word for `key`, a name of the backend's; `key` itself without underscores where there is no word. */
export const wordFor = (key: string, words: Record<string, string>) => words[key] ?? key.replaceAll('_', ' ');
