import { useState } from 'react';
import { Button } from 'react-aria-components';
import { changePassword } from '../../api/session';
import { keys } from '../../data/keys';
import { useMe } from '../../data/session';
import { text } from '../../text';
import { Field } from '../../ui/fields';
import { ServerForm, textOf } from '../../ui/ServerForm';
import { useSave } from '../../ui/useSave';

const words = text.settings.password;

export function PasswordCard() {
  const { username } = useMe();
  // A new key empties the form after a change.
  const [formKey, setFormKey] = useState(0);
  const change = useSave({
    send: changePassword,
    // A new password also changes the CSRF token.
    refresh: [keys.session],
    done: () => words.changed,
    onDone: () => setFormKey((key) => key + 1),
  });
  return (
    <section className="card" aria-labelledby="password">
      <h2 id="password">{words.title}</h2>
      <ServerForm
        key={formKey}
        label={words.title}
        error={change.error}
        onSend={(data) => change.mutate({ current: textOf(data, 'current'), new: textOf(data, 'new') })}
      >
        {/* Tells password managers which account the password belongs to. */}
        <input type="text" autoComplete="username" defaultValue={username} hidden readOnly />
        <Field name="current" type="password" label={words.current} autoComplete="current-password" isRequired />
        <Field name="new" type="password" label={words.next} autoComplete="new-password" isRequired />
        <div className="form-actions">
          <Button type="submit" className="button" isDisabled={change.isPending}>
            {words.save}
          </Button>
        </div>
      </ServerForm>
    </section>
  );
}
