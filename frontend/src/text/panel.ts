import { states } from './sensors';

export const panel = {
  title: 'Panel',
  stateLabel: 'Alarm state',

  armLabel: 'Arm the alarm',
  disarmLabel: 'Disarm the alarm',
  offlineArm: 'Arming is possible again as soon as the panel is connected.',
  arm: { home: 'Arm home', away: 'Arm away', night: 'Arm night' },
  armDetail: { home: 'You stay in', away: 'You leave', night: 'You go to sleep' },
  notReady: (sensors: { name: string }[]) =>
    sensors.length === 1 ? `${sensors[0]?.name ?? ''} is not ready` : `${sensors.length} sensors are not ready`,
  silent: (sensors: { name: string; days: number }[]) =>
    sensors.length === 1
      ? `${sensors[0]?.name ?? ''} has been silent for ${sensors[0]?.days ?? 0} days`
      : `${sensors.length} sensors have been silent for days`,
  pin: 'PIN',
  clear: 'Clear',
  deleteDigit: 'Delete the last digit',
  disarm: 'Disarm',
  cancelArming: 'Cancel arming',
  sending: 'Sending…',

  bypassConfirmation: {
    title: 'Not ready to arm',
    detail: 'Close what is open, or arm without it. It is not watched until the next disarm.',
    detailOfKiosk: 'Close what is open. A resident can also arm without it, on another device.',
    arm: { home: 'Arm home without them', away: 'Arm away without them', night: 'Arm night without them' },
    armOne: { home: 'Arm home without it', away: 'Arm away without it', night: 'Arm night without it' },
    back: 'Back',
  },

  readiness: {
    label: 'Sensors',
    all: 'All sensors',
    none: 'No sensor has been added yet.',
    allQuiet: (count: number) => (count === 1 ? 'The sensor is quiet.' : `All ${count} sensors are quiet.`),
    othersQuiet: (count: number) => (count === 1 ? 'The other sensor is quiet.' : `The other ${count} are quiet.`),
    unheard: 'has not reported yet',
    is: (name: string, kind: keyof typeof states, active: boolean) =>
      kind === 'door' || kind === 'window'
        ? `${name} is ${states[kind][active ? 'active' : 'quiet'].toLowerCase()}`
        : `${name}: ${states[kind][active ? 'active' : 'quiet'].toLowerCase()}`,
    silent: (days: number) => `Silent for ${days} days: it may be broken`,
    bypassed: 'Bypassed until the next disarm',
    noBypass: 'Can be bypassed only while the alarm is disarmed',
    bypass: 'Bypass',
    unbypass: 'Watch again',
    bypassName: (name: string) => `Bypass ${name}`,
    unbypassName: (name: string) => `Watch again: ${name}`,
    blocks: (modes: string[]) => `Not ready for ${modes.join(', ').toLowerCase()}`,
  },

  events: { label: 'Latest events', all: 'All events' },
};
