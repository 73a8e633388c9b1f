/** The state in large: as colour, icon and words; with a countdown where the state will change by itself. */
import type { Alarm } from '../api';
import { text } from '../text';
import { formatExact, formatMoment, useMinute } from '../time';
import { Announcement } from './Announcement';
import { Countdown } from './Countdown';
import { Icon } from './Icon';

interface StatusCardProps {
  alarm: Alarm | undefined;
  /** False while the socket is down: the state is then history, and looks like it. */
  current: boolean;
  /** When the state was last confirmed, in milliseconds. */
  heardAt: number;
}

export function StatusCard({ alarm, current, heardAt }: StatusCardProps) {
  const state = alarm?.state ?? 'unknown';
  return (
    <section className="card status" aria-label={text.status.label} data-state={state} data-current={current}>
      {alarm && !current && <p className="stale-mark">{text.status.lastKnown}</p>}
      <div className="dial">
        {/* An old deadline says nothing about now, so nothing counts down while offline. */}
        {alarm?.deadline && current ? (
          <Countdown from={alarm.changed_at} until={alarm.deadline} />
        ) : (
          <Icon name={state} />
        )}
      </div>
      <div>
        <p className="state-name">{nameOf(alarm)}</p>
        <p className="state-detail">{current ? detailOf(alarm) : text.status.mayBeOutOfDate}</p>
        {alarm && (current ? <Since iso={alarm.changed_at} /> : <LastHeard time={heardAt} />)}
      </div>
      {current && alarm && <Announcement alarm={alarm} name={nameOf(alarm)} />}
    </section>
  );
}

function nameOf(alarm: Alarm | undefined): string {
  if (!alarm) return text.unknownState;
  return alarm.state === 'arming' && alarm.target ? text.armingTo(alarm.target) : text.states[alarm.state];
}

const detailOf = (alarm: Alarm | undefined) => (alarm ? text.details[alarm.state] : text.unknownDetail);

function Since({ iso }: { iso: string }) {
  const now = useMinute();
  return (
    <p className="state-time">
      {text.status.since} <time dateTime={iso}>{formatMoment(iso, now)}</time>
    </p>
  );
}

function LastHeard({ time }: { time: number }) {
  return (
    <p className="state-time">
      {text.status.lastHeard} <time>{formatExact(time)}</time>
    </p>
  );
}
