/** The sensors that are active, bypassed or in trouble, and the number of the others. */
import { Link } from '@tanstack/react-router';
import { armModes, type Alarm } from '../api/alarm';
import { canBeBypassed, type Sensor } from '../api/sensors';
import { useBypass, useSensors } from '../data/alarm';
import { useLiveStatus } from '../data/liveStatus';
import { listOf, t } from '../text';
import { ErrorMessage } from '../ui/ErrorMessage';
import { sensorIcons } from '../ui/icons';
import { sentenceOf } from './readinessWords';

export function Readiness({ alarm, connected }: { alarm: Alarm | undefined; connected: boolean }) {
  const { data: sensors } = useSensors();
  const bypass = useBypass();
  // Not while it connects: a line that goes again would move the sensors.
  const offline = useLiveStatus() === 'offline';
  const notable =
    sensors?.filter(({ active, bypassed, trouble }) => active === true || bypassed || trouble.length > 0) ?? [];
  return (
    <section className="card readiness" aria-label={t('panel.readiness.label')}>
      <h2>
        {t('panel.readiness.label')}
        <Link to="/sensors">{t('panel.readiness.all')}</Link>
      </h2>
      {!sensors && <p className="hint">{t('loading')}</p>}
      {offline && sensors && <p className="hint">{t('sensors.lastKnown')}</p>}
      {notable.length > 0 && (
        <ul data-current={connected}>
          {notable.map((sensor) => (
            <Row
              key={sensor.id}
              sensor={sensor}
              alarm={alarm}
              disabled={!connected || bypass.isPending}
              onBypass={(bypassed) => bypass.mutate({ id: sensor.id, bypassed })}
            />
          ))}
        </ul>
      )}
      {sensors && <p className="hint">{summaryOf(sensors.length, notable.length)}</p>}
      <ErrorMessage error={bypass.error} />
    </section>
  );
}

function summaryOf(all: number, notable: number): string {
  if (all === 0) return t('panel.readiness.none');
  if (all === notable) return '';
  return notable === 0
    ? t('panel.readiness.allQuiet', { count: all })
    : t('panel.readiness.othersQuiet', { count: all - notable });
}

interface RowProps {
  sensor: Sensor;
  alarm: Alarm | undefined;
  disabled: boolean;
  onBypass: (bypassed: boolean) => void;
}

function Row({ sensor, alarm, disabled, onBypass }: RowProps) {
  const SensorIcon = sensorIcons[sensor.kind];
  const disarmed = (alarm?.state ?? 'disarmed') === 'disarmed';
  const blocked = armModes.filter((mode) => alarm?.not_ready[mode].some(({ id }) => id === sensor.id));
  return (
    <li data-active={sensor.active} data-bypassed={sensor.bypassed}>
      <SensorIcon />
      <div>
        <strong>{sentenceOf(sensor)}</strong>
        {sensor.trouble.length > 0 && (
          <p className="trouble-words">{listOf(sensor.trouble.map((one) => t(`sensors.troubles.${one}`)))}</p>
        )}
        {sensor.bypassed && <p>{t('panel.readiness.bypassed')}</p>}
        {!disarmed && !sensor.bypassed && canBeBypassed(sensor) && <p>{t('panel.readiness.noBypass')}</p>}
        {!sensor.bypassed && alarm?.state === 'disarmed' && blocked.length > 0 && (
          <p>{t('panel.readiness.blocks', { modes: listOf(blocked.map((mode) => t(`alarm.modes.${mode}`))) })}</p>
        )}
      </div>
      {canBeBypassed(sensor) && (
        <button
          type="button"
          className="button"
          data-size="small"
          aria-label={t(`panel.readiness.${sensor.bypassed ? 'unbypassName' : 'bypassName'}`, { name: sensor.name })}
          disabled={disabled || !(disarmed || sensor.bypassed)}
          onClick={() => onBypass(!sensor.bypassed)}
        >
          {sensor.bypassed ? t('panel.readiness.unbypass') : t('panel.readiness.bypass')}
        </button>
      )}
    </li>
  );
}
