import { useState } from 'react';
import { Button } from 'react-aria-components';
import { changePassword } from '../../api/session';
import { keys } from '../../data/keys';
import { useMe } from '../../data/session';
import { t } from '../../text';
import { Field } from '../../ui/fields';
import { ServerForm, textOf } from '../../ui/ServerForm';
import { useSave } from '../../ui/useSave';

export function PasswordCard() {
  const { username } = useMe();
  // A new key empties the form after a change.
  const [formKey, setFormKey] = useState(0);
  const change = useSave({
    send: changePassword,
    // A new password also changes the CSRF token.
    refresh: [keys.session],
    done: () => t('settings.password.changed'),
    onDone: () => setFormKey((key) => key + 1),
  });
  return (
    <section className="card" aria-labelledby="password">
      <h2 id="password">{t('settings.password.title')}</h2>
      <ServerForm
        key={formKey}
        label={t('settings.password.title')}
        error={change.error}
        onSend={(data) => change.mutate({ current: textOf(data, 'current'), new: textOf(data, 'new') })}
      >
        {/* Tells password managers which account the password belongs to. */}
        <input type="text" autoComplete="username" defaultValue={username} hidden readOnly />
        <Field name="current" type="password" label={t('settings.password.current')} autoComplete="current-password" isRequired />
        <Field name="new" type="password" label={t('settings.password.next')} autoComplete="new-password" isRequired />
        <div className="form-actions">
          <Button type="submit" className="button" isDisabled={change.isPending}>
            {t('settings.password.save')}
          </Button>
        </div>
      </ServerForm>
    </section>
  );
}
