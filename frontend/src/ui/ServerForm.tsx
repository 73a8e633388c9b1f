/** A form that is sent to the backend: what it refuses is said at the field that it refuses, or below the form. */
import { useEffect, useState, type ReactNode, type SyntheticEvent } from 'react';
import { Form } from 'react-aria-components';
import type { ApiError } from '../api/errors';
import { useSecondsUntil } from '../core/time';
import { text } from '../text';
import { messageOf } from './ErrorMessage';

/** Errors with a code of their own that are about one field. */
const FIELD_OF: Record<string, string> = { name_taken: 'name', pin_taken: 'pin' };

interface ServerFormProps {
  error: ApiError | null;
  onSend: (data: FormData) => void;
  /** Names the form for screen readers, where no heading does. */
  label?: string;
  children: ReactNode;
}

export function ServerForm({ error, onSend, label, children }: ServerFormProps) {
  const [form, setForm] = useState<HTMLFormElement | null>(null);
  const field = error && FIELD_OF[error.code];
  const fields = field ? { [field]: error.message } : (error?.fields ?? {});
  const atField = Object.keys(fields).some((name) => form?.elements.namedItem(name));
  const lockedSeconds = useSecondsUntil(error?.retryAt ?? 0);

  useEffect(() => {
    if (error) form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [error, form]);

  return (
    <div className="form-frame" onInput={judgeAgain}>
      <Form
        ref={setForm}
        className="form"
        aria-label={label}
        validationErrors={fields}
        onSubmit={(event) => {
          event.preventDefault();
          onSend(new FormData(event.currentTarget));
        }}
      >
        {children}
        <p role="alert" className="error">
          {error && !atField && messageOf(error)}
          {lockedSeconds > 0 && ` ${text.errors.retryIn(lockedSeconds)}`}
        </p>
      </Form>
    </div>
  );
}

/**
 * Fields are judged when they are left. One that is known to be wrong is judged while it is typed in: else its error
 * would go in the moment that the button is pressed, and the button would move away from under the finger.
 */
function judgeAgain({ target }: SyntheticEvent): void {
  if (target instanceof HTMLInputElement && target.getAttribute('aria-invalid') === 'true') {
    target.dispatchEvent(new Event('change'));
  }
}

/** A field's text; never null, which FormData has for fields that are not there. */
export function textOf(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === 'string' ? value : '';
}

/** `{[name]: value}`, or nothing where the field was left empty. */
export const unlessEmpty = <Name extends string>(data: FormData, name: Name) =>
  (textOf(data, name) === '' ? {} : { [name]: textOf(data, name) }) as Partial<Record<Name, string>>;
