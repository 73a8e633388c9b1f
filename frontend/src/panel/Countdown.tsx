/** Seconds until a deadline, in a ring that empties. For screen readers there is Announcement. */
import { localTime } from '../core/serverClock';
import { useSecondsUntil } from '../core/time';
import { t } from '../text';

export function Countdown({ from, until }: { from: string; until: string }) {
  const seconds = useSecondsUntil(localTime(until));
  const total = Math.max(1, (Date.parse(until) - Date.parse(from)) / 1000);
  return (
    <div className="countdown" aria-hidden="true">
      <svg viewBox="0 0 100 100">
        {/* With pathLength 1, the dash is the remaining fraction. */}
        <circle cx="50" cy="50" r="47" pathLength="1" strokeDasharray={`${Math.min(1, seconds / total)} 1`} />
      </svg>
      <span className="countdown-seconds">{seconds}</span>
      <span>{t('alarm.secondsUnit', { count: seconds })}</span>
    </div>
  );
}
