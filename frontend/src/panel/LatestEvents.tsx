import { Link } from '@tanstack/react-router';
import type { AlarmEvent } from '../api/events';
import { useLatestEvents } from '../data/alarm';
import { text } from '../text';
import { EventRow } from '../ui/EventRow';

const SHOWN = 8;

/** On the wall it is read by whoever stands there, also by who forced somebody to disarm: no code is told from another. */
const unnamed = (event: AlarmEvent): AlarmEvent =>
  event.kind === 'code' || event.kind === 'duress' ? { ...event, kind: 'code', detail: '' } : event;

export function LatestEvents() {
  const { data, isError } = useLatestEvents();
  return (
    <section className="card events" aria-label={text.panel.events.label}>
      <h2>
        {text.panel.events.label}
        <Link to="/events">{text.panel.events.all}</Link>
      </h2>
      {isError && <p className="hint">{text.events.failed}</p>}
      {!data && !isError && <p className="hint">{text.loading}</p>}
      {data?.length === 0 && <p className="hint">{text.events.none}</p>}
      <ol>
        {data?.slice(0, SHOWN).map((event) => (
          <EventRow key={event.id} event={unnamed(event)} short />
        ))}
      </ol>
    </section>
  );
}
