/** Asks for the password when a change needs a fresh proof; the change then goes on by itself. */
import { useEffect, useRef, useState } from 'react';
import { onProofRequired, prove } from '../api/proof';
import { useMe, useSession } from '../data/session';
import { t } from '../text';
import { DialogActions, DialogFrame } from '../ui/dialogs';
import { Field } from '../ui/fields';
import { ServerForm, textOf, unlessEmpty } from '../ui/ServerForm';
import { TotpField, useNeedsCode } from '../ui/TotpField';
import { useSave } from '../ui/useSave';

export function ProofDialog() {
  const [asking, setAsking] = useState(false);
  /** The requests that wait for an answer: several may be refused at once. */
  const waiting = useRef<((given: boolean) => void)[]>([]);

  const answer = (given: boolean) => {
    setAsking(false);
    for (const resolve of waiting.current.splice(0)) resolve(given);
  };

  useEffect(() => {
    const requests = waiting.current;
    const stop = onProofRequired(
      () =>
        new Promise((resolve) => {
          requests.push(resolve);
          setAsking(true);
        }),
    );
    return () => {
      stop();
      // The session has ended: no answer will come.
      for (const resolve of requests.splice(0)) resolve(false);
    };
  }, []);

  return asking && <AskForPassword onAnswer={answer} />;
}

function AskForPassword({ onAnswer }: { onAnswer: (given: boolean) => void }) {
  const { username } = useMe();
  const save = useSave({ send: prove, done: () => undefined, onDone: () => onAnswer(true) });
  const needsCode = useNeedsCode(save.error, useSession().data?.totp_required);
  return (
    <DialogFrame title={t('proof.title')} onClose={() => onAnswer(false)}>
      <ServerForm
        error={save.error}
        onSend={(data) => save.mutate({ password: textOf(data, 'password'), ...unlessEmpty(data, 'code') })}
      >
        <p>{t('proof.detail')}</p>
        {/* Tells password managers which account the password belongs to. */}
        <input type="text" autoComplete="username" defaultValue={username} hidden readOnly />
        <Field
          name="password"
          type="password"
          label={t('proof.password')}
          autoComplete="current-password"
          isRequired
          autoFocus
        />
        {needsCode && <TotpField />}
        <DialogActions label={t('proof.confirm')} pending={save.isPending} />
      </ServerForm>
    </DialogFrame>
  );
}
