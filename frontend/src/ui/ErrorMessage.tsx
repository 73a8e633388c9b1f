import { ownProblems, type ApiError } from '../api/errors';
import { faultWords, problemWords, t } from '../text';

/** The sentence for an error: by its code where the language has one, otherwise the backend's, which is English. */
export function messageOf({ code, message }: ApiError): string {
  const own = ownProblems.find((known) => known === code);
  return own ? t(`errors.${own}`) : problemWords(code, message);
}

/** The sentences at the fields, in the same way. */
export const fieldMessagesOf = ({ fields, fieldCodes }: ApiError) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, english]) => [name, faultWords(fieldCodes[name], english)]),
  );

/** Rendered without an error too: screen readers announce changes inside a live region, not a new one. */
export const ErrorMessage = ({ error }: { error: ApiError | null }) => (
  <p role="alert" className="error">
    {error && messageOf(error)}
  </p>
);
