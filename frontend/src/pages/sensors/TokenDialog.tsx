/** Shows a sensor's new token, once, with an example command and its login at the stack's broker. */
import type { SensorLogin } from '../../api/sensors';
import { t } from '../../text';
import { CopyField } from '../../ui/CopyField';
import { DialogDone, DialogFrame } from '../../ui/dialogs';

export interface NewToken {
  id: number;
  name: string;
  token: string;
  /** Its login at the stack's broker, where that is used. */
  mqtt: SensorLogin | null;
}

export const TokenDialog = ({ id, name, token, mqtt, onClose }: NewToken & { onClose: () => void }) => (
  <DialogFrame title={t('sensors.token.title', { name })} onClose={onClose}>
    <p>{t('sensors.token.once')}</p>
    <CopyField label={t('sensors.token.label')} copyLabel={t('sensors.token.copyToken')} value={token} />
    <CopyField label={t('sensors.token.example')} copyLabel={t('sensors.token.copyExample')} value={exampleOf(id, token)} />
    {mqtt && (
      <>
        <p>{t('sensors.token.mqtt')}</p>
        <CopyField label={t('sensors.token.username')} copyLabel={t('sensors.token.copyUsername')} value={mqtt.username} />
        <CopyField label={t('sensors.token.topic')} copyLabel={t('sensors.token.copyTopic')} value={mqtt.topic} />
      </>
    )}
    <DialogDone label={t('sensors.token.done')} />
  </DialogFrame>
);

const exampleOf = (id: number, token: string) =>
  [
    `curl ${window.location.origin}/api/sensors/${id}/events/ \\`,
    `  --header 'Authorization: Bearer ${token}' \\`,
    `  --header 'Content-Type: application/json' \\`,
    `  --data '{"active": true}'`,
  ].join('\n');
