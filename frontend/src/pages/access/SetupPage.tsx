import { useQueryClient } from '@tanstack/react-query';
import { Button } from 'react-aria-components';
import { keys } from '../../data/keys';
import { useSession, useSetUp } from '../../data/session';
import { text } from '../../text';
import { Field, PinField } from '../../ui/fields';
import { ServerForm, textOf, unlessEmpty } from '../../ui/ServerForm';
import { AccessPage } from './AccessPage';

const words = text.access.setup;

export function SetupPage() {
  const cache = useQueryClient();
  const setUp = useSetUp();
  const needsToken = useSession().data?.setup_token_required;
  return (
    <AccessPage title={words.title} detail={words.detail} back="/" forSetup>
      <ServerForm
        label={words.title}
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
            label={words.token}
            hint={words.tokenHint}
            autoComplete="off"
            autoCapitalize="none"
            isRequired
            autoFocus
          />
        )}
        <fieldset>
          <legend>{words.you}</legend>
          <Field name="name" label={words.yourName} autoComplete="name" isRequired autoFocus={!needsToken} />
          <Field
            name="username"
            label={words.username}
            hint={words.usernameHint}
            autoComplete="username"
            autoCapitalize="none"
            isRequired
          />
          <Field name="password" type="password" label={words.password} autoComplete="new-password" isRequired />
        </fieldset>
        <fieldset>
          <legend>{words.code}</legend>
          <PinField name="pin" label={words.pin} hint={words.pinHint} isRequired />
        </fieldset>
        <Button type="submit" className="button" data-variant="primary" isDisabled={setUp.isPending}>
          {setUp.isPending ? words.sending : words.submit}
        </Button>
      </ServerForm>
    </AccessPage>
  );
}
