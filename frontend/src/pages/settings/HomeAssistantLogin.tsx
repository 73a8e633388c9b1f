/** Gives Home Assistant a new password at the stack's own broker, and shows it once. */
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { renewHomeAssistant, type MqttLogin } from '../../api/mqtt';
import { text } from '../../text';
import { CopyField } from '../../ui/CopyField';
import { ConfirmDialog, DialogFrame } from '../../ui/dialogs';

const words = text.settings.mqtt.login;

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
        {words.renew}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={words.renewTitle}
          detail={words.renewDetail}
          action={words.renew}
          mutation={renew}
          onClose={() => {
            setAsking(false);
            renew.reset();
          }}
        />
      )}
      {login && (
        <DialogFrame title={words.title} onClose={() => setLogin(undefined)}>
          <p>{words.once}</p>
          <CopyField label={words.username} copyLabel={words.copyUsername} value={login.username} />
          <CopyField label={words.password} copyLabel={words.copyPassword} value={login.password} />
          <div className="dialog-actions">
            <Button slot="close" className="button" data-variant="primary">
              {words.done}
            </Button>
          </div>
        </DialogFrame>
      )}
    </>
  );
}
