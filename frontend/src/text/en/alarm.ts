/** The alarm's states and modes. */
export const alarm = {
  states: {
    disarmed: 'Disarmed',
    arming: 'Arming',
    armed_home: 'Armed home',
    armed_away: 'Armed away',
    armed_night: 'Armed night',
    armed_vacation: 'Armed vacation',
    pending: 'Entry delay',
    triggered: 'Alarm!',
  },
  unknownState: 'Unknown',

  details: {
    disarmed: 'Doors and windows are not watched.',
    arming: 'Leave now, or cancel with your PIN.',
    armed_home: 'You are in: sensors set for home are watched.',
    armed_away: 'You are out: sensors set for away are watched.',
    armed_night: 'You are asleep: sensors set for night are watched.',
    armed_vacation: 'You are away for days: sensors set for vacation are watched.',
    pending: 'Enter your PIN before the siren starts.',
    triggered: 'Enter your PIN to stop it.',
  },
  unknownDetail: 'Waiting for the alarm to answer.',
  silenced: 'The siren is off. The cause is still there: look after it.',
  armingTo: {
    armed_home: 'Arming home',
    armed_away: 'Arming away',
    armed_night: 'Arming night',
    armed_vacation: 'Arming vacation',
  },
  modes: { home: 'Home', away: 'Away', night: 'Night', vacation: 'Vacation' },

  onlyWhileDisarmed: 'Changes are possible only while the alarm is disarmed.',

  triggeredBy: 'Triggered by',
  since: 'Since',
  lastKnown: 'Last known state',
  mayBeOutOfDate: 'This may be out of date.',
  lastHeard: 'Last heard from the alarm at',
  secondsUnit_one: 'second',
  secondsUnit_other: 'seconds',
  announceSeconds_one: 'At most {{count}} second left.',
  announceSeconds_other: 'At most {{count}} seconds left.',
} as const;
