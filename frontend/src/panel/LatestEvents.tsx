import { Link } from '@tanstack/react-router';
import type { AlarmEvent } from '../api/events';
import { useLatestEvents } from '../data/alarm';
import { t } from '../text';
import { EventRow } from '../ui/EventRow';

const SHOWN = 8;

/** Makes a duress code look like any other: the attacker can read a panel on the wall. */
const withoutDuress = (event: AlarmEvent): AlarmEvent =>
  event.kind === 'code' || event.kind === 'duress' ? { ...event, kind: 'code', detail: '', facts: null } : event;

export function LatestEvents() {
  const { data, isError } = useLatestEvents();
  return (
    <section className="card events" aria-label={t('panel.events.label')}>
      <h2>
        {t('panel.events.label')}
        <Link to="/events">{t('panel.events.all')}</Link>
      </h2>
      {isError && <p className="hint">{t('events.failed')}</p>}
      {!data && !isError && <p className="hint">{t('loading')}</p>}
      {data?.length === 0 && <p className="hint">{t('events.none')}</p>}
      <ol>
        {data?.slice(0, SHOWN).map((event) => (
          <EventRow key={event.id} event={withoutDuress(event)} short />
        ))}
      </ol>
    </section>
  );
}
