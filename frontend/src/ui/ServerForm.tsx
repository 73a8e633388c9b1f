/** A form that is sent to the backend: what it refuses is said at the field that it refuses, or below the form. */
import { useEffect, useRef, type ReactNode } from 'react';
import { Form } from 'react-aria-components';
import type { ApiError } from '../api/errors';
import { text } from '../text';
import { useSecondsUntil } from '../time';

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
  const form = useRef<HTMLFormElement>(null);
  const field = error && FIELD_OF[error.code];
  const fields = field ? { [field]: error.message } : (error?.fields ?? {});
  const atField = Object.keys(fields).some((name) => form.current?.elements.namedItem(name));
  const lockedSeconds = useSecondsUntil(error?.retryAt ?? 0);

  useEffect(() => {
    if (error) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [error]);

  return (
    <Form
      ref={form}
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
        {error && !atField && error.message}
        {lockedSeconds > 0 && ` ${text.errors.retryIn(lockedSeconds)}`}
      </p>
    </Form>
  );
}

/** A field's text; never null, which FormData has for fields that are not there. */
export function textOf(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === 'string' ? value : '';
}

/** `{[name]: value}`, or nothing where the field was left empty. */
export const unlessEmpty = <Name extends string>(data: FormData, name: Name) =>
  (textOf(data, name) === '' ? {} : { [name]: textOf(data, name) }) as Partial<Record<Name, string>>;
