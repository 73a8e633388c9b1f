import type { ApiError } from '../api/errors';
import { text } from '../text';

/** The backend's own sentence, or the page's where the backend sent none. */
export const messageOf = ({ code, message }: ApiError) =>
  code === 'unreachable' || code === 'unexpected' ? text.errors[code] : message;

/** The live region is rendered without an error too: screen readers announce a change of its content. */
export const ErrorMessage = ({ error }: { error: ApiError | null }) => (
  <p role="alert" className="error">
    {error && messageOf(error)}
  </p>
);
