/** For screen readers: each new state, and the remaining time every ten seconds instead of every second. */
import type { Alarm } from '../api/alarm';
import { localTime } from '../core/serverClock';
import { useSecondsUntil } from '../core/time';
import { t } from '../text';
import { detailOf, nameOf } from '../ui/alarmWords';

export function Announcement({ alarm }: { alarm: Alarm }) {
  const urgent = alarm.state === 'triggered';
  const by = alarm.triggered_by.map(({ name }) => name).join(', ');
  const words = [`${nameOf(alarm)}.`, by && `${t('alarm.triggeredBy')} ${by}.`, detailOf(alarm)];
  const announced = words.filter(Boolean).join(' ');
  return (
    <div className="visually-hidden">
      <p role="alert">{urgent && announced}</p>
      <p role="status">{!urgent && announced}</p>
      {/* While the siren sounds, the deadline is its end, which needs no countdown. */}
      <p role="status">{alarm.deadline && !urgent && <TimeLeft deadline={alarm.deadline} />}</p>
    </div>
  );
}

function TimeLeft({ deadline }: { deadline: string }) {
  const seconds = useSecondsUntil(localTime(deadline));
  if (seconds === 0) return null;
  return t('alarm.announceSeconds', { count: seconds <= 5 ? 5 : Math.ceil(seconds / 10) * 10 });
}
