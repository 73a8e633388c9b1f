import * as v from 'valibot';
import type { FieldCode } from './schema/types';
import { vFieldCode } from './schema/valibot';

/** The document describes the errors of each operation inline, so that no schema of them is generated. */
const ErrorBody = v.object({
  code: v.string(),
  detail: v.string(),
  /** With the code `invalid`: one sentence per field. */
  fields: v.optional(v.record(v.string(), v.string()), {}),
  /** The same by code. An older backend has none. */
  field_codes: v.optional(v.record(v.string(), vFieldCode), {}),
});

export class ApiError extends Error {
  /** The backend's code, or `unreachable` or `unexpected`. */
  readonly code: string;
  /** When to retry, in milliseconds of this machine's clock; null for at once. */
  readonly retryAt: number | null;
  readonly fields: Record<string, string>;
  readonly fieldCodes: Record<string, FieldCode>;

  constructor(body: v.InferOutput<typeof ErrorBody>, retryAt: number | null = null) {
    super(body.detail);
    this.code = body.code;
    this.retryAt = retryAt;
    this.fields = body.fields;
    this.fieldCodes = body.field_codes;
  }
}

/** Problems without an answer of the backend. */
export const ownProblems = ['unreachable', 'unexpected', 'push_refused'] as const;
export type OwnProblem = (typeof ownProblems)[number];

/** For failures without an error body. */
export const ownError = (code: OwnProblem) => new ApiError({ code, detail: code, fields: {}, field_codes: {} });

/** Takes the parsed body; any other body than the backend's, such as a proxy's page, becomes `unexpected`. */
export function readError(response: Response, answer: unknown): ApiError {
  const body = v.safeParse(ErrorBody, answer);
  if (!body.success) return ownError('unexpected');
  const retryAfter = Number(response.headers.get('Retry-After'));
  return new ApiError(body.output, retryAfter > 0 ? Date.now() + retryAfter * 1000 : null);
}
