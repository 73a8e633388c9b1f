/** How long a sensor may be silent before it counts as out of contact. */
import { formatDuration } from '../../core/time';
import { t } from '../../text';
import { ChoiceField } from '../../ui/fields';
import { textOf } from '../../ui/ServerForm';

const USUAL = 'usual';
const HOUR = 3600;
const OFFERED = [HOUR, 6 * HOUR, 12 * HOUR, 25 * HOUR, 72 * HOUR, 168 * HOUR];

interface SupervisionFieldProps {
  /** Of the kind, in seconds. */
  usual: number;
  /** The sensor's own in seconds, 0 for none; null for the kind's. */
  current: number | null;
}

export function SupervisionField({ usual, current }: SupervisionFieldProps) {
  const own = current !== null && current > 0 && !OFFERED.includes(current) ? [current] : [];
  return (
    <ChoiceField
      name="heartbeat"
      label={t('sensors.heartbeat')}
      hint={t('sensors.heartbeatHint')}
      choices={[
        { id: USUAL, name: t('sensors.heartbeatDefault', { duration: formatDuration(usual) }) },
        ...[...OFFERED, ...own].sort((a, b) => a - b).map((seconds) => ({ id: String(seconds), name: formatDuration(seconds) })),
        { id: '0', name: t('sensors.heartbeatOff') },
      ]}
      defaultValue={current === null ? USUAL : String(current)}
    />
  );
}

/** What the field says, for the backend. */
export function supervisionOf(data: FormData): number | null {
  const value = textOf(data, 'heartbeat');
  return value === USUAL ? null : Number(value);
}
