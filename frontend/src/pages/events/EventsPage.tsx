import { Download } from 'lucide-react';
import { getRouteApi } from '@tanstack/react-router';
import { Button } from 'react-aria-components';
import { exportAddress, type EventFilters } from '../../api/events';
import { useEventList } from '../../data/events';
import { text } from '../../text';
import { EventRow } from '../../ui/EventRow';
import { Page } from '../../ui/Page';
import { Filters } from './Filters';

const words = text.events;
const route = getRouteApi('/inside/events');

export function EventsPage() {
  const filters: EventFilters = route.useSearch();
  const navigate = route.useNavigate();
  const list = useEventList(filters);
  const events = list.data?.pages.flatMap(({ results }) => results) ?? [];
  const filtered = Object.values(filters).some((value) => (Array.isArray(value) ? value.length > 0 : value));

  return (
    <Page
      title={words.title}
      actions={
        <a className="button" href={exportAddress(filters)} download>
          <Download />
          {words.download}
        </a>
      }
    >
      <Filters
        filters={filters}
        filtered={filtered}
        onChange={(search) => void navigate({ search, replace: true })}
      />
      <section className="card" aria-label={words.title} aria-busy={list.isPending}>
        {list.isPending && <p className="hint">{text.loading}</p>}
        <p role="alert" className="error">
          {list.isError && words.failed}
        </p>
        {list.data && events.length === 0 && <p className="hint">{filtered ? words.noneMatch : words.none}</p>}
        <ol>
          {events.map((event) => (
            <EventRow key={event.id} event={event} />
          ))}
        </ol>
        <div className="more">
          {/* `isPending` keeps the button focusable, for the keyboard. */}
          {list.hasNextPage && (
            <Button className="button" isPending={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
              {list.isFetchingNextPage ? text.loading : words.loadMore}
            </Button>
          )}
          {list.data && events.length > 0 && !list.hasNextPage && <p className="hint">{words.end}</p>}
          <p role="status" className="visually-hidden">
            {list.data && words.shown(events.length)}
          </p>
        </div>
      </section>
    </Page>
  );
}
