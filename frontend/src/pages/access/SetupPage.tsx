import { useQueryClient } from '@tanstack/react-query';
import { Button } from 'react-aria-components';
import { keys } from '../../data/keys';
import { useSession, useSetUp } from '../../data/session';
import { t } from '../../text';
import { Field, PinField } from '../../ui/fields';
import { ServerForm, textOf, unlessEmpty } from '../../ui/ServerForm';
import { AccessPage } from './AccessPage';

export function SetupPage() {
  const cache = useQueryClient();
  const setUp = useSetUp();
  const needsToken = useSession().data?.setup_token_required;
  return (
    <AccessPage title={t('access.setup.title')} detail={t('access.setup.detail')} back="/" forSetup>
      <ServerForm
        label={t('access.setup.title')}
        error={setUp.error}
        onSend={(data) => {
          setUp.mutate(
            {
              name: textOf(data, 'name').trim(),
              username: textOf(data, 'username').trim(),
              password: textOf(data, 'password'),
              pin: textOf(data, 'pin'),
              ...unlessEmpty(data, 'token'),
            },
            {
              // Another browser set up the alarm first: with a fresh session, this page redirects to the login.
              onError: ({ code }) => {
                if (code === 'already_set_up') void cache.invalidateQueries({ queryKey: keys.session });
              },
            },
          );
        }}
      >
        {needsToken && (
          <Field
            name="token"
            label={t('access.setup.token')}
            hint={t('access.setup.tokenHint')}
            autoComplete="off"
            autoCapitalize="none"
            isRequired
            autoFocus
          />
        )}
        <fieldset>
          <legend>{t('access.setup.you')}</legend>
          <Field
            name="name"
            label={t('access.setup.yourName')}
            autoComplete="name"
            isRequired
            autoFocus={!needsToken}
          />
          <Field
            name="username"
            label={t('access.setup.username')}
            hint={t('access.setup.usernameHint')}
            autoComplete="username"
            autoCapitalize="none"
            isRequired
          />
          <Field name="password" type="password" label={t('access.setup.password')} autoComplete="new-password" isRequired />
        </fieldset>
        <fieldset>
          <legend>{t('access.setup.code')}</legend>
          <PinField name="pin" label={t('access.setup.pin')} hint={t('access.setup.pinHint')} isRequired />
        </fieldset>
        <Button type="submit" className="button" data-variant="primary" isDisabled={setUp.isPending}>
          {setUp.isPending ? t('access.setup.sending') : t('access.setup.submit')}
        </Button>
      </ServerForm>
    </AccessPage>
  );
}
