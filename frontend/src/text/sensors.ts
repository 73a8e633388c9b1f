import type { SensorKind } from '../api/sensors';

export const states = {
  door: { active: 'Open', quiet: 'Closed' },
  window: { active: 'Open', quiet: 'Closed' },
  motion: { active: 'Motion', quiet: 'No motion' },
  smoke: { active: 'Smoke', quiet: 'No smoke' },
  water: { active: 'Water', quiet: 'Dry' },
} satisfies Record<SensorKind, { active: string; quiet: string }>;

export const sensors = {
  title: 'Sensors',
  states,
  neverHeard: 'Not heard yet',
  lastHeard: 'Last heard',
  bypassed: 'Bypassed',
  none: 'No sensor has been added yet.',
  noneAdmin: 'Add the first one: a door, a window, a motion, smoke or water detector.',
  lastKnown: 'Last known: the panel is offline.',

  kinds: {
    door: 'Door',
    window: 'Window',
    motion: 'Motion',
    smoke: 'Smoke',
    water: 'Water',
  } satisfies Record<SensorKind, string>,
  alwaysLive: 'Always watched',
  watchedIn: (modes: string[]) => (modes.length > 0 ? `Watched: ${modes.join(', ').toLowerCase()}` : 'Never watched'),
  entryDelay: 'Entry delay',
  atOnce: 'Triggers at once',

  bypass: (name: string) => `Bypass ${name}`,
  bypassShort: 'Bypass',
  bypassOn: (name: string) => `${name} is bypassed until the next disarm.`,
  bypassOff: (name: string) => `${name} is watched again.`,

  add: 'Add a sensor',
  edit: (name: string) => `Edit ${name}`,
  name: 'Name',
  nameHint: 'As you would say it: “Back door”.',
  kind: 'Kind',
  modes: 'Watched when armed',
  entryDelayHint: 'Leaves time to enter a PIN. Without it the siren starts at once.',
  alwaysHint: 'Smoke and water are watched in every state, and trigger at once.',
  deleted: (name: string) => `${name} was deleted.`,
  deleteTitle: (name: string) => `Delete ${name}?`,
  deleteDetail: 'The device can report nothing any more. Its past events stay.',

  replaceToken: 'Replace token',
  replaceTitle: (name: string) => `Replace the token of ${name}?`,
  replaceDetail: 'The device can report nothing until it has the new token.',
  token: {
    title: (name: string) => `Token of ${name}`,
    once: 'This token is shown once. Give it to the device now.',
    label: 'Token',
    example: 'Example: the device reports “active” (open, motion, smoke, water)',
    copyToken: 'Copy the token',
    copyExample: 'Copy the example',
    done: 'Done, I have saved it',
  },
};
