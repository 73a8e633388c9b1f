/** Shows a sensor's new token, once, with an example command and its login at the stack's broker. */
import { Button } from 'react-aria-components';
import type { SensorLogin } from '../../api/sensors';
import { text } from '../../text';
import { CopyField } from '../../ui/CopyField';
import { DialogFrame } from '../../ui/dialogs';

export interface NewToken {
  id: number;
  name: string;
  token: string;
  /** Its login at the stack's broker, where that is used. */
  mqtt: SensorLogin | null;
}

const words = text.sensors.token;

export const TokenDialog = ({ id, name, token, mqtt, onClose }: NewToken & { onClose: () => void }) => (
  <DialogFrame title={words.title(name)} onClose={onClose}>
    <p>{words.once}</p>
    <CopyField label={words.label} copyLabel={words.copyToken} value={token} />
    <CopyField label={words.example} copyLabel={words.copyExample} value={exampleOf(id, token)} />
    {mqtt && (
      <>
        <p>{words.mqtt}</p>
        <CopyField label={words.username} copyLabel={words.copyUsername} value={mqtt.username} />
        <CopyField label={words.topic} copyLabel={words.copyTopic} value={mqtt.topic} />
      </>
    )}
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
