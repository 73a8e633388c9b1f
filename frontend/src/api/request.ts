/** One request to the backend: with a time limit and the CSRF token, and with a check of the answer's shape. */
import * as v from 'valibot';
import { learnServerTime } from '../core/serverClock';
import { csrfToken, rememberCsrfToken } from './csrf';
import { ApiError, ownError, readError } from './errors';

const REQUEST_TIMEOUT_MS = 10_000;

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: object;
  timeoutMs?: number;
  /** A status besides the successful ones whose body is an answer, not an error. */
  accepts?: number;
}

export const Nothing = v.unknown();

/** Asks the user for the password; whether it was given. */
type ProofAsker = () => Promise<boolean>;
let askForProof: ProofAsker | null = null;

/** Sets what is called when a change needs a fresh proof; returns a function that ends that. */
export function onProofRequired(asker: ProofAsker): () => void {
  askForProof = asker;
  return () => {
    if (askForProof === asker) askForProof = null;
  };
}

/** Throws an ApiError, also for an answer that does not match `schema`. */
export async function request<Schema extends v.GenericSchema>(
  schema: Schema,
  path: string,
  options: RequestOptions = {},
): Promise<v.InferOutput<Schema>> {
  const answer = await withToken(path, options).catch(async (error: unknown) => {
    if (!(error instanceof ApiError && error.code === 'proof_required' && askForProof)) throw error;
    if (!(await askForProof())) throw error;
    return withToken(path, options);
  });
  const read = v.safeParse(schema, answer);
  if (!read.success) throw ownError('unexpected');
  return read.output;
}

const withToken = (path: string, options: RequestOptions) =>
  send(path, options).catch(async (error: unknown) => {
    if (!(error instanceof ApiError && error.code === 'csrf_failed')) throw error;
    // A login in another tab changes the token: fetch it, and try once more.
    rememberCsrfToken(await send('/api/session/', {}));
    return send(path, options);
  });

async function send(path: string, { method = 'GET', body, timeoutMs = REQUEST_TIMEOUT_MS, accepts }: RequestOptions) {
  const sentAt = Date.now();
  const headers = new Headers();
  if (body) headers.set('Content-Type', 'application/json');
  if (method !== 'GET') headers.set('X-CSRFToken', csrfToken());
  const response = await fetch(path, {
    method,
    headers,
    cache: 'no-store',
    signal: AbortSignal.timeout(timeoutMs),
    body: body && JSON.stringify(body),
  }).catch(() => {
    throw ownError('unreachable');
  });
  learnServerTime(response.headers.get('Date'), sentAt);

  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok && response.status !== accepts) throw readError(response, answer);
  return answer;
}
