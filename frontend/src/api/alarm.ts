/** The alarm's state, and the two things one can do to it. */
import * as v from 'valibot';
import { request } from './request';
import { sensorKinds } from './sensors';
import { Moment, Named } from './shapes';

export const armModes = ['home', 'away', 'night'] as const;
export type ArmMode = (typeof armModes)[number];

export const armedStates = ['armed_home', 'armed_away', 'armed_night'] as const;
export type ArmedState = (typeof armedStates)[number];

export const alarmStates = ['disarmed', 'arming', ...armedStates, 'pending', 'triggered'] as const;
export type AlarmState = (typeof alarmStates)[number];

// Checked strictly, so that a newer or broken backend shows as an error and not as a wrong state.
/** What a socket's change carries; the change itself has the sequence. */
export const AlarmBody = v.object({
  state: v.picklist(alarmStates),
  /** What `arming` leads to, and what `pending` and `triggered` came from. */
  target: v.nullable(v.picklist(armedStates)),
  changed_at: Moment,
  /** When the state will change by itself; null where it will not. */
  deadline: v.nullable(Moment),
  triggered_by: v.array(v.object({ id: v.number(), name: v.string(), kind: v.picklist(sensorKinds) })),
  /** By mode, what stands in the way of arming. */
  not_ready: v.object({ home: v.array(Named), away: v.array(Named), night: v.array(Named) }),
});

export const Alarm = v.object({
  ...AlarmBody.entries,
  /** Grows by every change of anything. */
  sequence: v.number(),
});
export type Alarm = v.InferOutput<typeof Alarm>;

export const getAlarm = () => request(Alarm, '/api/alarm/state/');

/** `bypass`: ids of sensors to leave out until the next disarm. */
export const arm = (mode: ArmMode, bypass: number[]) =>
  request(Alarm, '/api/alarm/arm/', { method: 'POST', body: { mode, bypass } });

export const disarm = (pin: string) => request(Alarm, '/api/alarm/disarm/', { method: 'POST', body: { pin } });
