import { SwitchButton, SwitchField } from 'react-aria-components';
import { isAlwaysLive, type Sensor } from '../../api/sensors';
import { formatMoment, useMinute } from '../../core/time';
import { text } from '../../text';
import { sensorIcons } from '../../ui/icons';
import { RowMenu } from '../../ui/RowMenu';

export type SensorAction = 'edit' | 'replace token' | 'delete';

const words = text.sensors;

interface SensorRowProps {
  sensor: Sensor;
  live: boolean;
  disarmed: boolean;
  onBypass: (bypassed: boolean) => void;
  /** For administrators. */
  onAction?: (action: SensorAction) => void;
}

export function SensorRow({ sensor, live, disarmed, onBypass, onAction }: SensorRowProps) {
  const now = useMinute();
  const { name, kind, active, bypassed, last_heard_at } = sensor;
  const SensorIcon = sensorIcons[kind];
  return (
    <li className="row sensor" data-active={active} data-bypassed={bypassed}>
      <span className="tile">
        <SensorIcon />
      </span>
      <div className="row-words">
        <p className="row-title">{name}</p>
        <p className="row-detail">{modesOf(sensor)}</p>
      </div>
      <div className="sensor-now">
        <p className="sensor-state">{stateOf(sensor)}</p>
        {last_heard_at && (
          <p className="row-detail">
            <span className="visually-hidden">{words.lastHeard}</span>{' '}
            <time dateTime={last_heard_at}>{formatMoment(last_heard_at, now)}</time>
          </p>
        )}
      </div>
      {isAlwaysLive(kind) ? (
        <span className="sensor-bypass" />
      ) : (
        <SwitchField
          className="sensor-bypass"
          aria-label={words.bypass(name)}
          isSelected={bypassed}
          isDisabled={!live || !(disarmed || bypassed)}
          onChange={onBypass}
        >
          <SwitchButton className="switch">
            <span className="switch-track" />
            <span aria-hidden="true">{words.bypassShort}</span>
          </SwitchButton>
        </SwitchField>
      )}
      {onAction && (
        <RowMenu
          label={text.actions.more(name)}
          isDisabled={!disarmed}
          actions={[
            { name: text.actions.edit, run: () => onAction('edit') },
            { name: words.replaceToken, run: () => onAction('replace token') },
            { name: text.actions.delete, danger: true, run: () => onAction('delete') },
          ]}
        />
      )}
    </li>
  );
}

function stateOf({ kind, active }: Sensor): string {
  return active === null ? words.neverHeard : words.states[kind][active ? 'active' : 'quiet'];
}

function modesOf({ kind, modes, entry_delay }: Sensor): string {
  if (isAlwaysLive(kind)) return words.alwaysLive;
  const watched = words.watchedIn(modes.map((mode) => text.alarm.modes[mode]));
  return modes.length === 0 ? watched : `${watched} · ${entry_delay ? words.entryDelay : words.atOnce}`;
}
