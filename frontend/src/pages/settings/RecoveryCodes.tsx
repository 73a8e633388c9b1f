/** Shows new recovery codes, once. */
import { Button } from 'react-aria-components';
import { text } from '../../text';
import { CopyField } from '../../ui/CopyField';
import { DialogFrame } from '../../ui/dialogs';

const words = text.totp.recovery;

export const RecoveryCodes = ({ codes, onClose }: { codes: string[]; onClose: () => void }) => (
  <DialogFrame title={words.title} onClose={onClose}>
    <p>{words.once}</p>
    <CopyField label={words.title} copyLabel={words.copy} value={codes.join('\n')} />
    <div className="dialog-actions">
      <Button slot="close" className="button" data-variant="primary">
        {words.done}
      </Button>
    </div>
  </DialogFrame>
);
