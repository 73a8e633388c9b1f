/** Shows new recovery codes, once. */
import { Button } from 'react-aria-components';
import { t } from '../../text';
import { CopyField } from '../../ui/CopyField';
import { DialogFrame } from '../../ui/dialogs';

export const RecoveryCodes = ({ codes, onClose }: { codes: string[]; onClose: () => void }) => (
  <DialogFrame title={t('totp.recovery.title')} onClose={onClose}>
    <p>{t('totp.recovery.once')}</p>
    <CopyField label={t('totp.recovery.title')} copyLabel={t('totp.recovery.copy')} value={codes.join('\n')} />
    <div className="dialog-actions">
      <Button slot="close" className="button" data-variant="primary">
        {t('totp.recovery.done')}
      </Button>
    </div>
  </DialogFrame>
);
