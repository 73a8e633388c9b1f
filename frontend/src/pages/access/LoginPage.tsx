import { getRouteApi } from '@tanstack/react-router';
import { Button } from 'react-aria-components';
import { useSecondsUntil } from '../../core/time';
import { useLogIn, useSession } from '../../data/session';
import { text } from '../../text';
import { Field } from '../../ui/fields';
import { ServerForm, textOf, unlessEmpty } from '../../ui/ServerForm';
import { TotpField, useNeedsCode } from '../../ui/TotpField';
import { AccessPage } from './AccessPage';

const words = text.access.login;
const route = getRouteApi('/login');

export function LoginPage() {
  const { back = '/' } = route.useSearch();
  const expired = useSession().data?.expired;
  const logIn = useLogIn();
  const needsCode = useNeedsCode(logIn.error);
  const lockedSeconds = useSecondsUntil(logIn.error?.retryAt ?? 0);
  return (
    <AccessPage title={words.title} back={back} forSetup={false}>
      <p role="status" className="reason">
        {expired && words.expired}
      </p>
      <ServerForm
        label={words.title}
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
          label={words.username}
          autoComplete="username"
          autoCapitalize="none"
          isRequired
          autoFocus
        />
        <Field name="password" type="password" label={words.password} autoComplete="current-password" isRequired />
        {needsCode && <TotpField />}
        <Button
          type="submit"
          className="button"
          data-variant="primary"
          isDisabled={logIn.isPending || lockedSeconds > 0}
        >
          {logIn.isPending ? words.sending : words.submit}
        </Button>
      </ServerForm>
    </AccessPage>
  );
}
