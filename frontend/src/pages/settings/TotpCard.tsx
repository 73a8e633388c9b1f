/** The authenticator app of one's own logins: whether there is one, and adding and removing it. */
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { removeTotp, renewRecoveryCodes } from '../../api/totp';
import { formatMoment, useMinute } from '../../core/time';
import { keys } from '../../data/keys';
import { useTotp } from '../../data/totp';
import { t } from '../../text';
import { ConfirmDialog } from '../../ui/dialogs';
import { ErrorMessage } from '../../ui/ErrorMessage';
import { useSave } from '../../ui/useSave';
import { AddTotp } from './AddTotp';
import { RecoveryCodes } from './RecoveryCodes';

const refresh = [keys.totp, keys.session, keys.sessions];

export function TotpCard() {
  const { data, error } = useTotp();
  const now = useMinute();
  const [open, setOpen] = useState<'add' | 'renew' | 'remove' | null>(null);
  const [shown, setShown] = useState<{ codes: string[]; added: boolean }>();
  const close = () => setOpen(null);
  const showCodes = ({ recovery_codes: codes }: { recovery_codes: string[] }) => {
    setShown({ codes, added: open === 'add' });
    close();
  };
  const renew = useSave({ send: renewRecoveryCodes, refresh, done: () => undefined, onDone: showCodes });
  const remove = useSave({ send: removeTotp, refresh, done: () => t('totp.removed'), onDone: close });
  const added = data?.added_at;
  return (
    <section className="card" aria-labelledby="totp" aria-busy={!data}>
      <h2 id="totp">{t('totp.title')}</h2>
      <p className="hint">{t('totp.detail')}</p>
      <ErrorMessage error={data ? null : error} />
      {data && <p>{added ? `${t('totp.on', { when: formatMoment(added, now) })} ${t('totp.left', { count: data.recovery_codes_left })}` : t('totp.off')}</p>}
      <div className="form-actions">
        {added ? (
          <>
            <Button className="button" onPress={() => setOpen('renew')}>
              {t('totp.renew')}
            </Button>
            <Button className="button" onPress={() => setOpen('remove')}>
              {t('totp.remove')}
            </Button>
          </>
        ) : (
          <Button className="button" isDisabled={!data} onPress={() => setOpen('add')}>
            {t('totp.add')}
          </Button>
        )}
      </div>
      {open === 'add' && <AddTotp refresh={refresh} onAdded={showCodes} onClose={close} />}
      {open === 'renew' && (
        <ConfirmDialog
          title={t('totp.renewTitle')}
          detail={t('totp.renewDetail')}
          action={t('totp.renew')}
          mutation={renew}
          onClose={close}
        />
      )}
      {open === 'remove' && (
        <ConfirmDialog
          title={t('totp.removeTitle')}
          detail={t('totp.removeDetail')}
          action={t('totp.remove')}
          mutation={remove}
          onClose={close}
        />
      )}
      {shown && <RecoveryCodes {...shown} onClose={() => setShown(undefined)} />}
    </section>
  );
}
