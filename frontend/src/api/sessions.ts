import * as v from 'valibot';
import { Nothing, request } from './request';
import type { ListedSession } from './schema/types';
import { vListedSession } from './schema/valibot';

export type { ListedSession };

/** One's own, for an administrator everyone's. */
export const getSessions = () => request(v.array(vListedSession), '/api/sessions/');

export const endSession = (id: string) => request(Nothing, `/api/sessions/${id}/`, { method: 'DELETE' });

/** All of one's own but this one. */
export const endOtherSessions = () => request(Nothing, '/api/sessions/', { method: 'DELETE' });
