/** The sensors that are active, bypassed or silent, and the number of the others. */
import { Link } from '@tanstack/react-router';
import { armModes, type Alarm } from '../api/alarm';
import { isAlwaysLive, type Sensor } from '../api/sensors';
import { useMinute } from '../core/time';
import { useBypass, useSensors } from '../data/alarm';
import { text } from '../text';
import { ErrorMessage } from '../ui/ErrorMessage';
import { sensorIcons } from '../ui/icons';
import { sentenceOf, silentDays } from './readinessWords';

const words = text.panel.readiness;

export function Readiness({ alarm, connected }: { alarm: Alarm | undefined; connected: boolean }) {
  const { data: sensors } = useSensors();
  const bypass = useBypass();
  const now = useMinute();
  const notable =
    sensors?.filter((sensor) => sensor.active === true || sensor.bypassed || silentDays(sensor, now) > 0) ?? [];
  return (
    <section className="card readiness" aria-label={words.label}>
      <h2>
        {words.label}
        <Link to="/sensors">{words.all}</Link>
      </h2>
      {!sensors && <p className="hint">{text.loading}</p>}
      {!connected && sensors && <p className="hint">{text.sensors.lastKnown}</p>}
      {notable.length > 0 && (
        <ul data-current={connected}>
          {notable.map((sensor) => (
            <Row
              key={sensor.id}
              sensor={sensor}
              days={silentDays(sensor, now)}
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
  if (all === 0) return words.none;
  if (all === notable) return '';
  return notable === 0 ? words.allQuiet(all) : words.othersQuiet(all - notable);
}

interface RowProps {
  sensor: Sensor;
  /** How long it has been silent; 0 while it is not. */
  days: number;
  alarm: Alarm | undefined;
  disabled: boolean;
  onBypass: (bypassed: boolean) => void;
}

function Row({ sensor, days, alarm, disabled, onBypass }: RowProps) {
  const SensorIcon = sensorIcons[sensor.kind];
  const disarmed = (alarm?.state ?? 'disarmed') === 'disarmed';
  const blocked = armModes.filter((mode) => alarm?.not_ready[mode].some(({ id }) => id === sensor.id));
  return (
    <li data-active={sensor.active} data-bypassed={sensor.bypassed}>
      <SensorIcon />
      <div>
        <strong>{sentenceOf(sensor)}</strong>
        {days > 0 && <p>{words.silent(days)}</p>}
        {sensor.bypassed && <p>{words.bypassed}</p>}
        {!disarmed && !sensor.bypassed && !isAlwaysLive(sensor.kind) && <p>{words.noBypass}</p>}
        {!sensor.bypassed && alarm?.state === 'disarmed' && blocked.length > 0 && (
          <p>{words.blocks(blocked.map((mode) => text.alarm.modes[mode]))}</p>
        )}
      </div>
      {!isAlwaysLive(sensor.kind) && (
        <button
          type="button"
          className="button"
          data-size="small"
          aria-label={(sensor.bypassed ? words.unbypassName : words.bypassName)(sensor.name)}
          disabled={disabled || !(disarmed || sensor.bypassed)}
          onClick={() => onBypass(!sensor.bypassed)}
        >
          {sensor.bypassed ? words.unbypass : words.bypass}
        </button>
      )}
    </li>
  );
}
