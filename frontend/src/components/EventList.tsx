import { useEvents } from '../alarm';
import { text } from '../text';
import { formatMoment, useMinute } from '../time';

const SHOWN = 10;

export function EventList() {
  const { data, isError } = useEvents();
  const now = useMinute();
  return (
    <section className="card events" aria-label={text.events.label}>
      <h2>{text.events.label}</h2>
      {isError && <p className="hint">{text.events.failed}</p>}
      {!data && !isError && <p className="hint">{text.events.loading}</p>}
      {data?.length === 0 && <p className="hint">{text.events.none}</p>}
      <ol>
        {data?.slice(0, SHOWN).map((event) => (
          <li key={event.id}>
            <span className="event-dot" data-state={event.to_state} />
            <div className="event-change">
              <span className="event-from">{wordFor(event.from_state, text.states)}</span>{' '}
              <span role="img" aria-label={text.events.to}>
                →
              </span>{' '}
              <strong>{wordFor(event.to_state, text.states)}</strong>
              <p>{wordFor(event.cause, text.events.causes)}</p>
            </div>
            <time dateTime={event.at}>{formatMoment(event.at, now)}</time>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** History may hold a state or cause that this version of the page has no word for. */
const wordFor = (key: string, words: Record<string, string>) => words[key] ?? key.replaceAll('_', ' ');
