/** The alarm's own settings, and what the backend says about itself. */
import * as v from 'valibot';
import { request } from './request';

export const Settings = v.object({
  /** Seconds. */
  exit_delay: v.number(),
  entry_delay: v.number(),
  siren_duration: v.number(),
  retention_days: v.number(),
});
export type Settings = v.InferOutput<typeof Settings>;

export const getSettings = () => request(Settings, '/api/settings/');

export const changeSettings = (body: Partial<Settings>) =>
  request(Settings, '/api/settings/', { method: 'PATCH', body });

const Version = v.object({ version: v.optional(v.string(), ''), revision: v.optional(v.string(), '') });

export const getVersion = () => request(Version, '/api/health/ready/');
