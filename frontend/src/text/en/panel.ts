/** The panel: state, arming, PIN pad, what is not ready. */
export const panel = {
  title: 'Panel',
  stateLabel: 'Alarm state',

  armLabel: 'Arm the alarm',
  disarmLabel: 'Disarm the alarm',
  offlineArm: 'Arming is possible again as soon as the panel is connected.',
  arm: { home: 'Arm home', away: 'Arm away', night: 'Arm night', vacation: 'Arm vacation' },
  armDetail: { home: 'You stay in', away: 'You leave', night: 'You go to sleep', vacation: 'You leave for days' },
  reasons: {
    open: 'open',
    no_contact: 'no contact',
    tamper: 'tampered with',
  },
  notReady_one: '{{name}}: {{reasons}}',
  notReady_other: '{{count}} sensors are not ready',
  pin: 'PIN',
  clear: 'Clear',
  deleteDigit: 'Delete the last digit',
  disarm: 'Disarm',
  cancelArming: 'Cancel arming',
  sending: 'Sending…',

  pinToArm: {
    home: 'Enter a PIN to arm home',
    away: 'Enter a PIN to arm away',
    night: 'Enter a PIN to arm night',
    vacation: 'Enter a PIN to arm vacation',
  },
  otherModes: 'Change the mode',
  trouble: 'Trouble',
  memory: {
    title: 'There was an alarm',
    detail: 'Since it was last acknowledged, it was set off by:',
    waits: 'Disarm first, then acknowledge it.',
    acknowledge: 'Acknowledge',
    back: 'Back',
  },

  bypassConfirmation: {
    title: 'Not ready to arm',
    detail:
      'Close what is open, or arm without these sensors. They are not watched until the next disarm.',
    arm: {
      home: 'Arm home without them',
      away: 'Arm away without them',
      night: 'Arm night without them',
      vacation: 'Arm vacation without them',
    },
    armOne: {
      home: 'Arm home without it',
      away: 'Arm away without it',
      night: 'Arm night without it',
      vacation: 'Arm vacation without it',
    },
    back: 'Back',
  },

  readiness: {
    label: 'Sensors',
    all: 'All sensors',
    none: 'No sensor has been added yet.',
    allQuiet_one: 'The sensor is quiet.',
    allQuiet_other: 'All {{count}} sensors are quiet.',
    othersQuiet_one: 'The other sensor is quiet.',
    othersQuiet_other: 'The other {{count}} are quiet.',
    unheard: '{{name}} has not reported yet',
    isOpen: '{{name}} is open',
    isClosed: '{{name}} is closed',
    bypassed: 'Bypassed until the next disarm',
    noBypass: 'Can be bypassed only while the alarm is disarmed',
    bypass: 'Bypass',
    unbypass: 'Watch again',
    bypassName: 'Bypass {{name}}',
    unbypassName: 'Watch again: {{name}}',
    blocks: 'Not ready for: {{modes}}',
  },

  events: { label: 'Latest events', all: 'All events' },
} as const;
