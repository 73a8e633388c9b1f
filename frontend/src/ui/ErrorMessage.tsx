import type { ApiError } from '../api/errors';
import { text } from '../text';

/** The backend's sentence, or the page's own where no backend answered. */
export const messageOf = ({ code, message }: ApiError) =>
  code === 'unreachable' || code === 'unexpected' ? text.errors[code] : message;

/** Rendered without an error too: screen readers announce changes inside a live region, not a new one. */
export const ErrorMessage = ({ error }: { error: ApiError | null }) => (
  <p role="alert" className="error">
    {error && messageOf(error)}
  </p>
);
