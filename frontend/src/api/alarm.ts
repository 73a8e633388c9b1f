import { request } from './request';
import type { AcknowledgeRequest, Alarm, ArmRequest, Preventing } from './schema/types';
import { vAlarm, vSensor } from './schema/valibot';

export type { AcknowledgeRequest, Alarm, ArmRequest, Preventing };
export type ArmMode = ArmRequest['mode'];

export const armModes = vSensor.entries.modes.item.options;

export const getAlarm = () => request(vAlarm, '/api/alarm/state/');

/** `bypass`: ids of sensors to leave out until the next disarm. `pin`: where less is then watched, and for a kiosk. */
export const arm = (body: ArmRequest) => request(vAlarm, '/api/alarm/arm/', { method: 'POST', body });

export const disarm = (pin: string) => request(vAlarm, '/api/alarm/disarm/', { method: 'POST', body: { pin } });

/** Empties the alarm's memory. A kiosk needs a PIN. */
export const acknowledge = (body: AcknowledgeRequest) =>
  request(vAlarm, '/api/alarm/acknowledge/', { method: 'POST', body });
