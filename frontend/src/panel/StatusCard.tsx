/** The state as colour, icon and words, with a countdown to its deadline. */
import type { Alarm } from '../api/alarm';
import { formatExact, formatMoment, useMinute } from '../core/time';
import { t } from '../text';
import { detailOf, nameOf } from '../ui/alarmWords';
import { sensorIcons, stateIcons } from '../ui/icons';
import { Countdown } from './Countdown';
import { SirenReports } from './SirenReports';

interface StatusCardProps {
  alarm: Alarm | undefined;
  /** False while the socket is down: the state is then shown as out of date. */
  current: boolean;
  /** When the state was confirmed last, in milliseconds. */
  heardAt: number;
}

export function StatusCard({ alarm, current, heardAt }: StatusCardProps) {
  const state = alarm?.state ?? 'unknown';
  const StateIcon = stateIcons[state];
  // No countdown to a deadline that may be out of date, nor to the end of the siren.
  const countsDown = alarm?.deadline && current && state !== 'triggered';
  return (
    <section
      className="card status"
      aria-label={t('panel.stateLabel')}
      data-state={state}
      data-current={current && !!alarm}
    >
      {alarm && !current && <p className="stale-mark">{t('alarm.lastKnown')}</p>}
      <div className="dial">
        {countsDown && alarm.deadline ? <Countdown from={alarm.changed_at} until={alarm.deadline} /> : <StateIcon />}
      </div>
      <div className="status-words">
        <p className="state-name">{nameOf(alarm)}</p>
        {alarm && alarm.triggered_by.length > 0 && <Triggers sensors={alarm.triggered_by} />}
        <p className="state-detail">{current ? detailOf(alarm) : t('alarm.mayBeOutOfDate')}</p>
        {alarm && current && <SirenReports alarm={alarm} />}
        {alarm && (current ? <Since iso={alarm.changed_at} /> : <LastHeard time={heardAt} />)}
      </div>
    </section>
  );
}

function Triggers({ sensors }: { sensors: Alarm['triggered_by'] }) {
  return (
    <ul className="triggers" aria-label={t('alarm.triggeredBy')}>
      {sensors.map(({ id, name, kind }) => {
        const SensorIcon = sensorIcons[kind];
        return (
          <li key={id}>
            <SensorIcon />
            {name}
          </li>
        );
      })}
    </ul>
  );
}

function Since({ iso }: { iso: string }) {
  const now = useMinute();
  return (
    <p className="state-time">
      {t('alarm.since')} <time dateTime={iso}>{formatMoment(iso, now)}</time>
    </p>
  );
}

function LastHeard({ time }: { time: number }) {
  return (
    <p className="state-time">
      {t('alarm.lastHeard')} <time>{formatExact(time)}</time>
    </p>
  );
}
