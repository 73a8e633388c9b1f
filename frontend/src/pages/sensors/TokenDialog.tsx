/** Shows a sensor's new token, once, with an example command. */
import { Button } from 'react-aria-components';
import { text } from '../../text';
import { CopyField } from '../../ui/CopyField';
import { DialogFrame } from '../../ui/dialogs';

export interface NewToken {
  id: number;
  name: string;
  token: string;
}

const words = text.sensors.token;

export const TokenDialog = ({ id, name, token, onClose }: NewToken & { onClose: () => void }) => (
  <DialogFrame title={words.title(name)} onClose={onClose}>
    <p>{words.once}</p>
    <CopyField label={words.label} copyLabel={words.copyToken} value={token} />
    <CopyField label={words.example} copyLabel={words.copyExample} value={exampleOf(id, token)} />
    <div className="dialog-actions">
      <Button slot="close" className="button" data-variant="primary">
        {words.done}
      </Button>
    </div>
  </DialogFrame>
);

const exampleOf = (id: number, token: string) =>
  [
    `curl ${window.location.origin}/api/sensors/${id}/events/ \\`,
    `  --header 'Authorization: Bearer ${token}' \\`,
    `  --header 'Content-Type: application/json' \\`,
    `  --data '{"active": true}'`,
  ].join('\n');
