/** A form that shows the backend's errors at the fields they name, and others below the fields. */
import { useEffect, useState, type ReactNode, type SyntheticEvent } from 'react';
import { Form } from 'react-aria-components';
import type { ApiError } from '../api/errors';
import { useSecondsUntil } from '../core/time';
import { t } from '../text';
import { fieldMessagesOf, messageOf } from './ErrorMessage';

/** The field of an error whose code names it. */
const FIELD_OF: Record<string, string> = {
  name_taken: 'name',
  pin_taken: 'pin',
  wrong_setup_token: 'token',
  totp_required: 'code',
  wrong_totp_code: 'code',
};

interface ServerFormProps {
  error: ApiError | null;
  onSend: (data: FormData) => void;
  /** The form's name for screen readers, where it has no heading. */
  label?: string;
  children: ReactNode;
}

export function ServerForm({ error, onSend, label, children }: ServerFormProps) {
  const [form, setForm] = useState<HTMLFormElement | null>(null);
  const field = error && FIELD_OF[error.code];
  const fields = field ? { [field]: messageOf(error) } : error ? fieldMessagesOf(error) : {};
  // The form shows this field once it is asked for, so it is not there yet.
  const asked = error?.code === 'totp_required';
  const atField = asked || Object.keys(fields).some((name) => form?.elements.namedItem(name));
  const lockedSeconds = useSecondsUntil(error?.retryAt ?? 0);

  useEffect(() => {
    if (error) form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [error, form]);

  return (
    <div className="form-frame" onInput={revalidate}>
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
          {lockedSeconds > 0 && ` ${t('errors.retryIn', { seconds: lockedSeconds })}`}
        </p>
      </Form>
    </div>
  );
}

/**
 * Fields are validated on blur. A field with an error is also validated on input: otherwise pressing the button would
 * blur the field, remove the error, and move the button from under the finger.
 */
function revalidate({ target }: SyntheticEvent): void {
  if (target instanceof HTMLInputElement && target.getAttribute('aria-invalid') === 'true') {
    target.dispatchEvent(new Event('change'));
  }
}

/** The text of a field; empty where the form has no such field. */
export function textOf(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === 'string' ? value : '';
}

/** `{[name]: value}`, or `{}` for an empty field. */
export const unlessEmpty = <Name extends string>(data: FormData, name: Name) =>
  (textOf(data, name) === '' ? {} : { [name]: textOf(data, name) }) as Partial<Record<Name, string>>;
