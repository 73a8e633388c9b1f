/** A countdown or an alarm, with a link to the panel; shown on every other page. */
import { Link, useLocation } from '@tanstack/react-router';
import type { Alarm } from '../api/alarm';
import { localTime } from '../core/serverClock';
import { useSecondsUntil } from '../core/time';
import { t } from '../text';
import { detailOf, nameOf } from '../ui/alarmWords';
import { stateIcons } from '../ui/icons';

export function AlarmBar({ alarm }: { alarm: Alarm }) {
  const onPanel = useLocation({ select: ({ pathname }) => pathname === '/' });
  if (onPanel || !['arming', 'pending', 'triggered'].includes(alarm.state)) return null;
  const StateIcon = stateIcons[alarm.state];
  return (
    <section className="alarm-bar" data-state={alarm.state} aria-label={t('alarmBar.label')}>
      <StateIcon />
      <p>
        <strong>{nameOf(alarm)}</strong> <span>{detailOf(alarm)}</span>
      </p>
      {alarm.deadline && alarm.state !== 'triggered' && <Seconds until={alarm.deadline} />}
      <Link to="/" className="button">
        {t('alarmBar.open')}
      </Link>
    </section>
  );
}

function Seconds({ until }: { until: string }) {
  const seconds = useSecondsUntil(localTime(until));
  return (
    <span className="alarm-bar-seconds" aria-hidden="true">
      {seconds}
    </span>
  );
}
