const armedAs = { armed_home: 'home', armed_away: 'away', armed_night: 'night' };

export const alarm = {
  states: {
    disarmed: 'Disarmed',
    arming: 'Arming',
    armed_home: 'Armed home',
    armed_away: 'Armed away',
    armed_night: 'Armed night',
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
    pending: 'Enter your PIN before the siren starts.',
    triggered: 'The siren is on. Enter your PIN to stop it.',
  },
  unknownDetail: 'Waiting for the alarm to answer.',
  armingTo: (target: keyof typeof armedAs) => `Arming ${armedAs[target]}`,
  modes: { home: 'Home', away: 'Away', night: 'Night' },

  onlyWhileDisarmed: 'Changes are possible only while the alarm is disarmed.',

  triggeredBy: 'Triggered by',
  since: 'Since',
  lastKnown: 'Last known state',
  mayBeOutOfDate: 'This may be out of date.',
  lastHeard: 'Last heard from the alarm at',
  secondsUnit: (seconds: number) => (seconds === 1 ? 'second' : 'seconds'),
  announceSeconds: (seconds: number) => `At most ${seconds} seconds left.`,
};
