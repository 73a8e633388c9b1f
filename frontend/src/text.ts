/** Every word the panel shows, in one place, ready for translation. */
import type { AlarmState, ArmedState } from './api';

const armedAs: Record<ArmedState, string> = { armed_home: 'home', armed_away: 'away' };

export const text = {
  title: 'Home alarm',

  states: {
    disarmed: 'Disarmed',
    arming: 'Arming',
    armed_home: 'Armed home',
    armed_away: 'Armed away',
    pending: 'Entry delay',
    triggered: 'Alarm!',
  } satisfies Record<AlarmState, string>,
  unknownState: 'Unknown',

  details: {
    disarmed: 'Nothing is being watched.',
    arming: 'Leave now, or cancel with your PIN.',
    armed_home: 'Doors and windows are watched.',
    armed_away: 'Every sensor is watched.',
    pending: 'Enter your PIN before the siren starts.',
    triggered: 'The siren is on. Enter your PIN to stop it.',
  } satisfies Record<AlarmState, string>,
  unknownDetail: 'Waiting for the alarm to answer.',
  armingTo: (target: ArmedState) => `Arming ${armedAs[target]}`,

  status: {
    label: 'Alarm state',
    since: 'Since',
    lastKnown: 'Last known state',
    mayBeOutOfDate: 'This may be out of date.',
    lastHeard: 'Last heard from the alarm at',
    secondsUnit: (seconds: number) => (seconds === 1 ? 'second' : 'seconds'),
    announceSeconds: (seconds: number) => `At most ${seconds} seconds left.`,
  },

  connection: {
    connecting: 'Connecting…',
    live: 'Live',
    offline: 'Offline',
    banner: 'Offline – reconnecting',
    bannerDetail: 'What you see may be out of date.',
  },

  controls: {
    armLabel: 'Arm the alarm',
    disarmLabel: 'Disarm the alarm',
    offlineArm: 'Arming is possible again as soon as the panel is connected.',
    armHome: 'Arm home',
    armHomeDetail: 'You stay in: doors and windows',
    armAway: 'Arm away',
    armAwayDetail: 'You leave: every sensor',
    pin: 'PIN',
    clear: 'Clear',
    deleteDigit: 'Delete the last digit',
    disarm: 'Disarm',
    cancelArming: 'Cancel arming',
    sending: 'Sending…',
    lockedFor: (seconds: number) => `Try again in ${seconds} s`,
  },

  events: {
    label: 'Latest events',
    none: 'Nothing has happened yet.',
    to: 'to',
    causes: { api: 'At a panel', timer: 'Time was up', command: 'By the operator' },
    loading: 'Loading…',
    failed: 'The events could not be loaded.',
  },

  errors: {
    unreachable: 'The alarm could not be reached. Try again.',
    unexpected: 'The alarm gave an answer that this panel does not understand.',
  },

  version: (version: string, revision: string) => [version, revision].filter(Boolean).join(' · '),
};
