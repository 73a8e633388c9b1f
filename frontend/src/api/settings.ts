import * as v from 'valibot';
import { request } from './request';
import type { PatchedSettingsRequest, Settings } from './schema/types';
import { vReadiness, vSettings } from './schema/valibot';

export type { Settings };

export const getSettings = () => request(vSettings, '/api/settings/');

export const changeSettings = (body: PatchedSettingsRequest) =>
  request(vSettings, '/api/settings/', { method: 'PATCH', body });

/** The version, and what works; 503 where something does not. */
export const getReadiness = () => request(v.partial(vReadiness, ['checks']), '/api/health/ready/', { accepts: 503 });
