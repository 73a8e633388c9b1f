/** Seconds until a deadline, inside a ring that empties. Screen readers get Announcement's words instead. */
import { localTime } from '../core/serverClock';
import { useSecondsUntil } from '../core/time';
import { text } from '../text';

export function Countdown({ from, until }: { from: string; until: string }) {
  const seconds = useSecondsUntil(localTime(until));
  const total = Math.max(1, (Date.parse(until) - Date.parse(from)) / 1000);
  return (
    <div className="countdown" aria-hidden="true">
      <svg viewBox="0 0 100 100">
        {/* pathLength 1 turns the dash into the fraction that is left. */}
        <circle cx="50" cy="50" r="47" pathLength="1" strokeDasharray={`${Math.min(1, seconds / total)} 1`} />
      </svg>
      <span className="countdown-seconds">{seconds}</span>
      <span>{text.alarm.secondsUnit(seconds)}</span>
    </div>
  );
}
