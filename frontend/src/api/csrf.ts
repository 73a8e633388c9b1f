/** The CSRF token of every request but GET: from the cookie, which all tabs share, otherwise from the session. */
import * as v from 'valibot';
import { vSession } from './schema/valibot';

let remembered = { csrf_token: '', csrf_cookie: '' };

export function rememberCsrfToken(session: unknown): void {
  const read = v.safeParse(v.pick(vSession, ['csrf_token', 'csrf_cookie']), session);
  if (read.success) remembered = read.output;
}

/** The cookie's name has the stack's in it: two panels on one host share their cookies, but not a name. */
export function csrfToken(): string {
  const start = `${remembered.csrf_cookie}=`;
  const cookie = document.cookie.split('; ').find((each) => each.startsWith(start));
  return cookie?.slice(start.length) ?? remembered.csrf_token;
}
