import type { LiveStatus } from '../live';
import { text } from '../text';
import { formatClock, useMinute } from '../time';

export function Header({ status }: { status: LiveStatus }) {
  const now = useMinute();
  return (
    <header className="header">
      <h1>{text.title}</h1>
      <span className="connection" data-status={status}>
        {text.connection[status]}
      </span>
      <time className="clock">{formatClock(now)}</time>
    </header>
  );
}
