import { Download } from 'lucide-react';
import { getRouteApi } from '@tanstack/react-router';
import { Button } from 'react-aria-components';
import { exportAddress, type EventFilters } from '../../api/events';
import { useEventList } from '../../data/events';
import { t } from '../../text';
import { EventList } from '../../ui/EventList';
import { Page } from '../../ui/Page';
import { Filters } from './Filters';

const route = getRouteApi('/inside/events');

export function EventsPage() {
  const filters: EventFilters = route.useSearch();
  const navigate = route.useNavigate();
  const list = useEventList(filters);
  const events = list.data?.pages.flatMap(({ results }) => results) ?? [];
  const filtered = Object.values(filters).some((value) => (Array.isArray(value) ? value.length > 0 : value));

  return (
    <Page
      title={t('events.title')}
      actions={
        <a className="button" href={exportAddress(filters)} download>
          <Download />
          {t('events.download')}
        </a>
      }
    >
      <Filters
        filters={filters}
        filtered={filtered}
        onChange={(search) => void navigate({ search, replace: true })}
      />
      <section className="card" aria-label={t('events.title')} aria-busy={list.isPending}>
        {list.isPending && <p className="hint">{t('loading')}</p>}
        <p role="alert" className="error">
          {list.isError && t('events.failed')}
        </p>
        {list.data && events.length === 0 && <p className="hint">{filtered ? t('events.noneMatch') : t('events.none')}</p>}
        {events.length > 0 && <EventList label={t('events.title')} events={events} />}
        <div className="more">
          {/* `isPending` keeps the button focusable, for the keyboard. */}
          {list.hasNextPage && (
            <Button className="button" isPending={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
              {list.isFetchingNextPage ? t('loading') : t('events.loadMore')}
            </Button>
          )}
          {list.data && events.length > 0 && !list.hasNextPage && <p className="hint">{t('events.end')}</p>}
          <p role="status" className="visually-hidden">
            {list.data && t('events.shown', { count: events.length })}
          </p>
        </div>
      </section>
    </Page>
  );
}
