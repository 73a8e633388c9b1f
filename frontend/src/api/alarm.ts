import { request } from './request';
import type { Alarm, ArmRequest } from './schema/types';
import { vAlarm, vSensor } from './schema/valibot';

export type { Alarm, ArmRequest };
export type ArmMode = ArmRequest['mode'];

export const armModes = vSensor.entries.modes.item.options;

export const getAlarm = () => request(vAlarm, '/api/alarm/state/');

/** `bypass`: ids of sensors to leave out until the next disarm. */
export const arm = (body: ArmRequest) => request(vAlarm, '/api/alarm/arm/', { method: 'POST', body });

export const disarm = (pin: string) => request(vAlarm, '/api/alarm/disarm/', { method: 'POST', body: { pin } });
