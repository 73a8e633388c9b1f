import { SwitchButton, SwitchField } from 'react-aria-components';
import { canBeBypassed, hasModes, type Sensor } from '../../api/sensors';
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
  const { name, kind, active, bypassed, last_heard_at, trouble } = sensor;
  const SensorIcon = sensorIcons[kind];
  return (
    <li className="row sensor" data-active={active} data-bypassed={bypassed}>
      <span className="tile">
        <SensorIcon />
      </span>
      <div className="row-words">
        <p className="row-title">
          {name}{' '}
          {trouble.map((one) => (
            <span key={one} className="tag" data-trouble>
              {t(`sensors.troubles.${one}`)}
            </span>
          ))}
        </p>
        <p className="row-detail">{behaviourOf(sensor)}</p>
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
      {canBeBypassed(sensor) ? (
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
      ) : (
        <span className="sensor-bypass" />
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

function behaviourOf(sensor: Sensor): string {
  const { type, modes, final_door, chime } = sensor;
  const facts = [
    t(`sensors.types.${type}`),
    hasModes(sensor) && watchedIn(modes),
    final_door && t('sensors.finalDoor'),
    chime && t('sensors.chime'),
  ];
  return facts.filter(Boolean).join(' · ');
}

const watchedIn = (modes: Sensor['modes']) =>
  modes.length > 0
    ? t('sensors.watchedIn', { modes: listOf(modes.map((mode) => t(`alarm.modes.${mode}`))) })
    : t('sensors.neverWatched');
