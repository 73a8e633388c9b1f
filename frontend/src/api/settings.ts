/** The alarm's own settings, and the version of the backend. */
import * as v from 'valibot';
import { request } from './request';
import type { PatchedSettingsRequest, Settings } from './schema/types';
import { vSettings } from './schema/valibot';

export type { Settings };

export const getSettings = () => request(vSettings, '/api/settings/');

export const changeSettings = (body: PatchedSettingsRequest) =>
  request(vSettings, '/api/settings/', { method: 'PATCH', body });

/** The document does not describe the body of a health check. */
const Version = v.object({ version: v.optional(v.string(), ''), revision: v.optional(v.string(), '') });

export const getVersion = () => request(Version, '/api/health/ready/');
