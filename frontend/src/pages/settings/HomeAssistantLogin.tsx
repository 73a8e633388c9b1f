/** Gives Home Assistant a new password at the stack's own broker, and shows it once. */
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { renewHomeAssistant, type MqttLogin } from '../../api/mqtt';
import { t } from '../../text';
import { CopyField } from '../../ui/CopyField';
import { ConfirmDialog, DialogDone, DialogFrame } from '../../ui/dialogs';

export function HomeAssistantLogin() {
  const [isAsking, setAsking] = useState(false);
  const [login, setLogin] = useState<MqttLogin>();
  const renew = useMutation({
    mutationFn: renewHomeAssistant,
    onSuccess: (given) => {
      setAsking(false);
      setLogin(given);
    },
  });
  return (
    <>
      <Button className="button" onPress={() => setAsking(true)}>
        {t('settings.mqtt.login.renew')}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={t('settings.mqtt.login.renewTitle')}
          detail={t('settings.mqtt.login.renewDetail')}
          action={t('settings.mqtt.login.renew')}
          mutation={renew}
          onClose={() => {
            setAsking(false);
            renew.reset();
          }}
        />
      )}
      {login && (
        <DialogFrame title={t('settings.mqtt.login.title')} onClose={() => setLogin(undefined)}>
          <p>{t('settings.mqtt.login.once')}</p>
          <CopyField label={t('settings.mqtt.login.username')} copyLabel={t('settings.mqtt.login.copyUsername')} value={login.username} />
          <CopyField label={t('settings.mqtt.login.password')} copyLabel={t('settings.mqtt.login.copyPassword')} value={login.password} />
          <DialogDone label={t('settings.mqtt.login.done')} />
        </DialogFrame>
      )}
    </>
  );
}
