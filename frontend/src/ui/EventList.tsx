/** A long list of events. Only the rows that are seen are in the document; the page scrolls, and arrow keys move. */
import { GridList, GridListItem, ListLayout, Virtualizer } from 'react-aria-components';
import type { AlarmEvent } from '../api/events';
import { EventContent, headlineOf } from './EventRow';

/** Most rows are that high; each is measured when it is seen. */
const ROW_PX = 58;

interface EventListProps {
  label: string;
  events: AlarmEvent[];
}

export const EventList = ({ label, events }: EventListProps) => (
  <Virtualizer layout={ListLayout} layoutOptions={{ estimatedRowSize: ROW_PX }}>
    <GridList aria-label={label} items={events} className="event-list">
      {(event) => (
        <GridListItem textValue={headlineOf(event)} className="event-row" data-kind={event.kind}>
          <EventContent event={event} />
        </GridListItem>
      )}
    </GridList>
  </Virtualizer>
);
