import * as v from 'valibot';
import { Nothing, request } from './request';
import type { Kind, PatchedSensorRequest, Sensor, SensorLogin, SensorRequest, Type } from './schema/types';
import { vKind, vNewSensor, vSensor, vSensorToken } from './schema/valibot';

export type { Kind, Sensor, SensorLogin, SensorRequest, Type };
export type SensorKind = Sensor['kind'];
export type SensorType = Sensor['type'];
export type Trouble = Sensor['trouble'][number];

const NEVER_LEFT_OUT: SensorType[] = ['fire', 'carbon_monoxide', 'gas', 'water', 'panic', 'silent_panic'];
const OF_MODES: SensorType[] = ['entry_exit', 'perimeter', 'interior'];

/** Those that protect lives cannot. */
export const canBeBypassed = ({ type }: Sensor) => !NEVER_LEFT_OUT.includes(type);

/** Whether it is watched where the alarm is armed in its modes; the others are watched in every state. */
export const hasModes = ({ type }: Sensor) => OF_MODES.includes(type);

export const getSensors = () => request(v.array(vSensor), '/api/sensors/');

/** The kinds with their types, and the defaults of each. */
export const getSensorKinds = () => request(v.array(vKind), '/api/sensors/types/');

/** The answer has the sensor's token, which no later answer shows. */
export const addSensor = (body: SensorRequest) => request(vNewSensor, '/api/sensors/', { method: 'POST', body });

export const changeSensor = (id: number, body: PatchedSensorRequest) =>
  request(vSensor, `/api/sensors/${id}/`, { method: 'PATCH', body });

export const deleteSensor = (id: number) => request(Nothing, `/api/sensors/${id}/`, { method: 'DELETE' });

export const replaceToken = (id: number) => request(vSensorToken, `/api/sensors/${id}/token/`, { method: 'POST' });

export const bypassSensor = (id: number, bypassed: boolean) =>
  request(Nothing, `/api/sensors/${id}/bypass/`, { method: 'POST', body: { bypassed } });
