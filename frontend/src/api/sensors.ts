import * as v from 'valibot';
import { Nothing, request } from './request';
import type { Sensor, SensorLogin, SensorRequest } from './schema/types';
import { vNewSensor, vSensor, vSensorToken } from './schema/valibot';

export type { Sensor, SensorLogin, SensorRequest };
export type SensorKind = Sensor['kind'];

export const sensorKinds = vSensor.entries.kind.options;

/** Watched in every state, so that its modes cannot be chosen. */
export const isAlwaysLive = (kind: SensorKind) => kind === 'smoke' || kind === 'water';

export const getSensors = () => request(v.array(vSensor), '/api/sensors/');

/** The answer has the sensor's token, which no later answer shows. */
export const addSensor = (body: SensorRequest) => request(vNewSensor, '/api/sensors/', { method: 'POST', body });

export const changeSensor = (id: number, body: SensorRequest) =>
  request(vSensor, `/api/sensors/${id}/`, { method: 'PATCH', body });

export const deleteSensor = (id: number) => request(Nothing, `/api/sensors/${id}/`, { method: 'DELETE' });

export const replaceToken = (id: number) => request(vSensorToken, `/api/sensors/${id}/token/`, { method: 'POST' });

export const bypassSensor = (id: number, bypassed: boolean) =>
  request(Nothing, `/api/sensors/${id}/bypass/`, { method: 'POST', body: { bypassed } });
