/** Shows the topics of an MQTT output and, at the stack's broker, its login, once. */
import type { OutputLogin } from '../../api/outputs';
import { t } from '../../text';
import { CopyField } from '../../ui/CopyField';
import { DialogDone, DialogFrame } from '../../ui/dialogs';

const fields = ['username', 'password', 'set_topic', 'state_topic', 'availability_topic'] as const;

interface OutputLoginDialogProps {
  name: string;
  login: OutputLogin;
  onClose: () => void;
}

export const OutputLoginDialog = ({ name, login, onClose }: OutputLoginDialogProps) => (
  <DialogFrame title={t('alerts.outputs.login.title', { name })} onClose={onClose}>
    <p>{login.password ? t('alerts.outputs.login.once') : t('alerts.outputs.login.topics')}</p>
    {fields.map((field) => {
      const value = login[field];
      const label = t(`alerts.outputs.login.${field}`);
      return value && <CopyField key={field} label={label} copyLabel={t('alerts.outputs.login.copy', { label })} value={value} />;
    })}
    <DialogDone label={t('alerts.outputs.login.done')} />
  </DialogFrame>
);
