/** One error type for everything that can go wrong between the page and the backend. */
import * as v from 'valibot';

const ErrorBody = v.object({
  code: v.string(),
  detail: v.string(),
  /** With `invalid`: one sentence a field. */
  fields: v.optional(v.record(v.string(), v.string()), {}),
});

export class ApiError extends Error {
  /** The backend's, or `unreachable` or `unexpected`. */
  readonly code: string;
  /** Milliseconds by this machine's clock; null where another try may come at once. */
  readonly retryAt: number | null;
  readonly fields: Record<string, string>;

  constructor(body: v.InferOutput<typeof ErrorBody>, retryAt: number | null = null) {
    super(body.detail);
    this.code = body.code;
    this.retryAt = retryAt;
    this.fields = body.fields;
  }
}

/** For failures that the backend does not describe. */
export const ownError = (code: 'unreachable' | 'unexpected') => new ApiError({ code, detail: code, fields: {} });

/** Takes the answer's body; one that is not the backend's (a proxy's page) becomes `unexpected`. */
export function readError(response: Response, answer: unknown): ApiError {
  const body = v.safeParse(ErrorBody, answer);
  if (!body.success) return ownError('unexpected');
  const retryAfter = Number(response.headers.get('Retry-After'));
  return new ApiError(body.output, retryAfter > 0 ? Date.now() + retryAfter * 1000 : null);
}
