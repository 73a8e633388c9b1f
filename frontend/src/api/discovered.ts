/** Sensors that other programs announce at the MQTT broker. */
import * as v from 'valibot';
import { request } from './request';
import type { DiscoveredSensor, ImportRequest } from './schema/types';
import { vDiscoveredSensor, vSensor } from './schema/valibot';

export type { DiscoveredSensor };

const ROOT = '/api/integrations/mqtt/discovered';

export const getDiscovered = () => request(v.array(vDiscoveredSensor), `${ROOT}/`);

/** Adds all of them, or none. */
export const importDiscovered = (body: ImportRequest) =>
  request(v.array(vSensor), `${ROOT}/import/`, { method: 'POST', body });
