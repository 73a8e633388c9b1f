import {
  ArrowRightLeft,
  Cable,
  EyeOff,
  KeyRound,
  LockKeyhole,
  LogIn,
  OctagonAlert,
  Radar,
  Settings,
  ShieldAlert,
  UserRound,
  UserRoundX,
  type LucideIcon,
} from 'lucide-react';
import type { AlarmEvent } from '../api/events';
import { formatMoment, useMinute } from '../core/time';
import { factWords, t, wordFor } from '../text';
import { stateIcons } from './icons';
import './events.css';

const kindIcons: Record<string, LucideIcon> = {
  sensor: Radar,
  bypass: EyeOff,
  code: KeyRound,
  login: LogIn,
  login_failed: UserRoundX,
  wrong_pin: OctagonAlert,
  lockout: LockKeyhole,
  duress: ShieldAlert,
  person: UserRound,
  setting: Settings,
  integration: Cable,
};

interface EventRowProps {
  event: AlarmEvent;
  /** Omits the device. */
  short?: boolean;
}

export const EventRow = (props: EventRowProps) => (
  <li className="event-row" data-kind={props.event.kind}>
    <EventContent {...props} />
  </li>
);

/** The inside of a row. */
export function EventContent({ event, short = false }: EventRowProps) {
  const now = useMinute();
  const state = stateIcons[event.to_state as keyof typeof stateIcons] as LucideIcon | undefined;
  const EventIcon = state ?? kindIcons[event.kind] ?? ArrowRightLeft;
  return (
    <>
      <span className="event-icon" data-state={event.to_state || undefined}>
        <EventIcon />
      </span>
      <div className="event-words">
        <p>{event.to_state ? <Transition event={event} /> : <strong>{headlineOf(event)}</strong>}</p>
        <p className="event-by">{byLineOf(event, short)}</p>
      </div>
      <time dateTime={event.at}>{formatMoment(event.at, now)}</time>
    </>
  );
}

function Transition({ event }: { event: AlarmEvent }) {
  return (
    <>
      <span className="event-from">{wordFor(event.from_state, 'alarm.states')}</span>{' '}
      <span role="img" aria-label={t('events.to')}>
        →
      </span>{' '}
      <strong>{wordFor(event.to_state, 'alarm.states')}</strong>
    </>
  );
}

/** What a screen reader says of a row first. */
export function headlineOf(event: AlarmEvent): string {
  const kind = wordFor(event.kind, 'events.kinds');
  const detail = factWords(event.facts, event.detail);
  if (event.sensor) return [event.sensor.name, detail].filter(Boolean).join(': ');
  return detail || kind;
}

/** The person or sensor, otherwise the cause; then the device. */
function byLineOf(event: AlarmEvent, short: boolean): string {
  const actor = event.person?.name ?? (event.to_state && event.sensor?.name) ?? '';
  const by = actor || wordFor(event.cause, 'events.causes');
  const device = event.cause === 'api' && !short ? event.source : '';
  return [by, device].filter(Boolean).join(' · ');
}
