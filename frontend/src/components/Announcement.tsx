/** What a screen reader says: every new state, and the time left at a few moments instead of every second. */
import type { Alarm } from '../api';
import { localTime } from '../serverClock';
import { text } from '../text';
import { useSecondsUntil } from '../time';

export function Announcement({ alarm, name }: { alarm: Alarm; name: string }) {
  const urgent = alarm.state === 'triggered';
  const words = `${name}. ${text.details[alarm.state]}`;
  return (
    <div className="visually-hidden">
      <p role="alert">{urgent && words}</p>
      <p role="status">{!urgent && words}</p>
      <p role="status">{alarm.deadline && <TimeLeft deadline={alarm.deadline} />}</p>
    </div>
  );
}

function TimeLeft({ deadline }: { deadline: string }) {
  const seconds = useSecondsUntil(localTime(deadline));
  if (seconds === 0) return null;
  return text.status.announceSeconds(seconds <= 5 ? 5 : Math.ceil(seconds / 10) * 10);
}
