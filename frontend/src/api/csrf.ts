/** The CSRF token of every request but GET: from the cookie, which all tabs share, otherwise from the session. */
import * as v from 'valibot';
import { vSession } from './schema/valibot';

let remembered = '';

export function rememberCsrfToken(session: unknown): void {
  const read = v.safeParse(v.pick(vSession, ['csrf_token']), session);
  if (read.success) remembered = read.output.csrf_token;
}

export const csrfToken = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? remembered;
