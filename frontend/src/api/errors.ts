/** One error type for everything that can go wrong between the page and the backend. */
import * as v from 'valibot';
import { text } from '../text';

const ErrorBody = v.object({
  code: v.string(),
  detail: v.string(),
  /** With `invalid`: one sentence a field. */
  fields: v.optional(v.record(v.string(), v.string()), {}),
  /** With `not_ready`: what stands in the way of arming. */
  sensors: v.optional(v.array(v.object({ id: v.number(), name: v.string() })), []),
});

export class ApiError extends Error {
  /** The backend's, or `unreachable` or `unexpected`. */
  readonly code: string;
  /** Milliseconds by this machine's clock; null where another try may come at once. */
  readonly retryAt: number | null;
  readonly fields: Record<string, string>;
  readonly sensors: { id: number; name: string }[];

  constructor(body: v.InferOutput<typeof ErrorBody>, retryAt: number | null = null) {
    super(body.detail);
    this.code = body.code;
    this.retryAt = retryAt;
    this.fields = body.fields;
    this.sensors = body.sensors;
  }
}

export const unreachable = () => ownError('unreachable');

export const unexpected = () => ownError('unexpected');

const ownError = (code: 'unreachable' | 'unexpected') =>
  new ApiError({ code, detail: text.errors[code], fields: {}, sensors: [] });

/** Takes the answer's body; one that is not the backend's (a proxy's page) becomes `unexpected`. */
export function readError(response: Response, answer: unknown): ApiError {
  const body = v.safeParse(ErrorBody, answer);
  if (!body.success) return unexpected();
  const retryAfter = Number(response.headers.get('Retry-After'));
  return new ApiError(body.output, retryAfter > 0 ? Date.now() + retryAfter * 1000 : null);
}
