import { getRouteApi } from '@tanstack/react-router';
import { Button } from 'react-aria-components';
import { useSecondsUntil } from '../../core/time';
import { useLogIn, useSession } from '../../data/session';
import { t } from '../../text';
import { Field } from '../../ui/fields';
import { ServerForm, textOf, unlessEmpty } from '../../ui/ServerForm';
import { TotpField, useNeedsCode } from '../../ui/TotpField';
import { AccessPage } from './AccessPage';

const route = getRouteApi('/login');

export function LoginPage() {
  const { back = '/' } = route.useSearch();
  const expired = useSession().data?.expired;
  const logIn = useLogIn();
  const needsCode = useNeedsCode(logIn.error);
  const lockedSeconds = useSecondsUntil(logIn.error?.retryAt ?? 0);
  return (
    <AccessPage title={t('access.login.title')} back={back} forSetup={false}>
      <p role="status" className="reason">
        {expired && t('access.login.expired')}
      </p>
      <ServerForm
        label={t('access.login.title')}
        error={logIn.error}
        onSend={(data) => {
          logIn.mutate({
            username: textOf(data, 'username').trim(),
            password: textOf(data, 'password'),
            ...unlessEmpty(data, 'code'),
          });
        }}
      >
        <Field
          name="username"
          label={t('access.login.username')}
          autoComplete="username"
          autoCapitalize="none"
          isRequired
          autoFocus
        />
        <Field name="password" type="password" label={t('access.login.password')} autoComplete="current-password" isRequired />
        {needsCode && <TotpField />}
        <Button
          type="submit"
          className="button"
          data-variant="primary"
          isDisabled={logIn.isPending || lockedSeconds > 0}
        >
          {logIn.isPending ? t('access.login.sending') : t('access.login.submit')}
        </Button>
      </ServerForm>
    </AccessPage>
  );
}
