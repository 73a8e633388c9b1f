/** Shows new recovery codes, once. */
import { Button } from 'react-aria-components';
import { t } from '../../text';
import { CopyField } from '../../ui/CopyField';
import { DialogFrame } from '../../ui/dialogs';

interface RecoveryCodesProps {
  codes: string[];
  /** Whether the app was just added: this dialog is then the confirmation. A message would cover its button. */
  added: boolean;
  onClose: () => void;
}

export const RecoveryCodes = ({ codes, added, onClose }: RecoveryCodesProps) => (
  <DialogFrame title={t('totp.recovery.title')} onClose={onClose}>
    {added && <p>{t('totp.added')}</p>}
    <p>{t('totp.recovery.once')}</p>
    <CopyField label={t('totp.recovery.title')} copyLabel={t('totp.recovery.copy')} value={codes.join('\n')} />
    <div className="dialog-actions">
      <Button slot="close" className="button" data-variant="primary">
        {t('totp.recovery.done')}
      </Button>
    </div>
  </DialogFrame>
);
