/** The devices that watch. */
import * as v from 'valibot';
import { Nothing, request } from './request';
import { Moment } from './shapes';

export const sensorKinds = ['door', 'window', 'motion', 'smoke', 'water'] as const;
export type SensorKind = (typeof sensorKinds)[number];

const entries = {
  id: v.number(),
  name: v.string(),
  kind: v.picklist(sensorKinds),
  /** Where it is live. Smoke and water are live in every state. */
  modes: v.array(v.picklist(['home', 'away', 'night'])),
  /** Without it, the sensor triggers at once. */
  entry_delay: v.boolean(),
  /** Until the next disarm. */
  bypassed: v.boolean(),
  /** Open, moving, burning, wet; null: never heard. */
  active: v.nullable(v.boolean()),
  last_heard_at: v.nullable(Moment),
};

export const Sensor = v.object(entries);
export type Sensor = v.InferOutput<typeof Sensor>;
export type SensorFields = Pick<Sensor, 'name' | 'kind' | 'modes' | 'entry_delay'>;

/** The token is in no other answer. */
const NewSensor = v.object({ ...entries, token: v.string() });

/** Watched in every state; it has no modes to choose. */
export const isAlwaysLive = (kind: SensorKind) => kind === 'smoke' || kind === 'water';

export const getSensors = () => request(v.array(Sensor), '/api/sensors/');

export const addSensor = (body: SensorFields) => request(NewSensor, '/api/sensors/', { method: 'POST', body });

export const changeSensor = (id: number, body: Partial<SensorFields>) =>
  request(Sensor, `/api/sensors/${id}/`, { method: 'PATCH', body });

export const deleteSensor = (id: number) => request(Nothing, `/api/sensors/${id}/`, { method: 'DELETE' });

export const replaceToken = (id: number) =>
  request(v.object({ token: v.string() }), `/api/sensors/${id}/token/`, { method: 'POST' });

export const bypassSensor = (id: number, bypassed: boolean) =>
  request(Nothing, `/api/sensors/${id}/bypass/`, { method: 'POST', body: { bypassed } });
