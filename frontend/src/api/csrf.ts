/** The token that every request but GET must carry: from the cookie, which all tabs share, else from the session's body. */
import * as v from 'valibot';

let remembered = '';

export function rememberCsrfToken(session: unknown): void {
  const read = v.safeParse(v.object({ csrf_token: v.string() }), session);
  if (read.success) remembered = read.output.csrf_token;
}

export const csrfToken = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? remembered;
