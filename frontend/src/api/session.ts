/** Who is logged in. */
import * as v from 'valibot';
import { rememberCsrfToken } from './csrf';
import { Nothing, request, type RequestOptions } from './request';

export const roles = ['admin', 'resident'] as const;
export type Role = (typeof roles)[number];

const Me = v.object({ id: v.number(), username: v.string(), name: v.string(), role: v.picklist(roles) });
export type Me = v.InferOutput<typeof Me>;

const Session = v.object({
  setup_required: v.boolean(),
  person: v.nullable(Me),
  csrf_token: v.string(),
});
export type Session = v.InferOutput<typeof Session>;

async function sessionOf(path: string, options?: RequestOptions): Promise<Session> {
  const session = await request(Session, path, options);
  rememberCsrfToken(session);
  return session;
}

export interface Credentials {
  username: string;
  password: string;
}

export const getSession = () => sessionOf('/api/session/');

export const logIn = (body: Credentials) => sessionOf('/api/session/', { method: 'POST', body });

export const logOut = () => request(Nothing, '/api/session/', { method: 'DELETE' });

/** Makes the first administrator and the first code, and logs in. */
export const setUp = (body: Credentials & { name: string; pin: string }) =>
  sessionOf('/api/setup/', { method: 'POST', body });

export const changePassword = (body: { current: string; new: string }) =>
  request(Nothing, '/api/session/password/', { method: 'POST', body });
