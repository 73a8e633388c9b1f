import { SwitchButton, SwitchField } from 'react-aria-components';
import { isAlwaysLive, type Sensor } from '../../api/sensors';
import { formatMoment, useMinute } from '../../core/time';
import { listOf, t } from '../../text';
import { sensorIcons } from '../../ui/icons';
import { RowMenu } from '../../ui/RowMenu';

export type SensorAction = 'edit' | 'replace token' | 'delete';

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
            <span className="visually-hidden">{t('sensors.lastHeard')}</span>{' '}
            <time dateTime={last_heard_at}>{formatMoment(last_heard_at, now)}</time>
          </p>
        )}
      </div>
      {isAlwaysLive(kind) ? (
        <span className="sensor-bypass" />
      ) : (
        <SwitchField
          className="sensor-bypass"
          aria-label={t('sensors.bypass', { name })}
          isSelected={bypassed}
          isDisabled={!live || !(disarmed || bypassed)}
          onChange={onBypass}
        >
          <SwitchButton className="switch">
            <span className="switch-track" />
            <span aria-hidden="true">{t('sensors.bypassShort')}</span>
          </SwitchButton>
        </SwitchField>
      )}
      {onAction && (
        <RowMenu
          label={t('actions.more', { name })}
          isDisabled={!disarmed}
          actions={[
            { name: t('actions.edit'), run: () => onAction('edit') },
            { name: t('sensors.replaceToken'), run: () => onAction('replace token') },
            { name: t('actions.delete'), danger: true, run: () => onAction('delete') },
          ]}
        />
      )}
    </li>
  );
}

function stateOf({ kind, active }: Sensor): string {
  return active === null ? t('sensors.neverHeard') : t(`sensors.states.${kind}.${active ? 'active' : 'quiet'}`);
}

function modesOf({ kind, modes, entry_delay }: Sensor): string {
  if (isAlwaysLive(kind)) return t('sensors.alwaysLive');
  if (modes.length === 0) return t('sensors.neverWatched');
  const watched = t('sensors.watchedIn', { modes: listOf(modes.map((mode) => t(`alarm.modes.${mode}`))) });
  return `${watched} · ${entry_delay ? t('sensors.entryDelay') : t('sensors.atOnce')}`;
}
