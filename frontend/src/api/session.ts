import { rememberCsrfToken } from './csrf';
import { Nothing, request, type RequestOptions } from './request';
import type {
  LanguageRequest,
  LoginRequest,
  PasswordChangeRequest,
  Session,
  SessionPerson,
  SetupRequest,
} from './schema/types';
import { vSession } from './schema/valibot';

export type { Session, SessionPerson };

async function sessionOf(path: string, options?: RequestOptions): Promise<Session> {
  const session = await request(vSession, path, options);
  rememberCsrfToken(session);
  return session;
}

export const getSession = () => sessionOf('/api/session/');

export const logIn = (body: LoginRequest) => sessionOf('/api/session/', { method: 'POST', body });

export const logOut = () => request(Nothing, '/api/session/', { method: 'DELETE' });

/** Makes the first administrator and the first code, and logs in. */
export const setUp = (body: SetupRequest) => sessionOf('/api/setup/', { method: 'POST', body });

export const changePassword = (body: PasswordChangeRequest) =>
  request(Nothing, '/api/session/password/', { method: 'POST', body });

/** The language of the person's notifications. */
export const saveLanguage = (body: LanguageRequest) =>
  request(Nothing, '/api/session/language/', { method: 'POST', body });
