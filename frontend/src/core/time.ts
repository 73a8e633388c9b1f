/** Hooks that re-render as time passes, and formats for times. */
import i18next from 'i18next';
import { useSyncExternalStore } from 'react';

const LOOK_EVERY_MS = 250;

/** Those who look at the clock. One timer for all of them: a list has a time in each row. */
const lookers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function onTick(look: () => void): () => void {
  lookers.add(look);
  timer ??= setInterval(() => {
    for (const each of lookers) each();
  }, LOOK_EVERY_MS);
  return () => {
    lookers.delete(look);
    if (lookers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The current time in milliseconds, rounded down to minutes; re-renders once a minute. */
export function useMinute(): number {
  return useSyncExternalStore(onTick, () => Math.floor(Date.now() / 60_000) * 60_000);
}

/** Whole seconds until `moment` (milliseconds of this machine's clock), at least 0; re-renders once a second. */
export function useSecondsUntil(moment: number): number {
  return useSyncExternalStore(onTick, () => Math.max(0, Math.ceil((moment - Date.now()) / 1000)));
}

/** A format in the page's locale. It is made at its first use: the locale is not known while modules are loaded. */
function formatter(options: Intl.DateTimeFormatOptions): (moment: Date | number) => string {
  const made = new Map<string, Intl.DateTimeFormat>();
  return (moment) => {
    const locale = i18next.language;
    const format = made.get(locale) ?? new Intl.DateTimeFormat(locale, options);
    made.set(locale, format);
    return format.format(moment);
  };
}

export const formatClock = formatter({ timeStyle: 'short' });

export const formatExact = formatter({ timeStyle: 'medium' });

const formatDayAndTime = formatter({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

/** Local time, with the day unless it is today. */
export function formatMoment(iso: string, now: number): string {
  const moment = new Date(iso);
  const today = moment.toDateString() === new Date(now).toDateString();
  return (today ? formatExact : formatDayAndTime)(moment);
}

/** The value of a `datetime-local` field: local time, to the minute. */
export function fieldTime(iso: string | null | undefined): string {
  if (!iso) return '';
  const moment = new Date(iso);
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The time in such a field; null for an empty one. */
export const isoOf = (fieldTime: string) => (fieldTime === '' ? null : new Date(fieldTime).toISOString());

const UNITS = [
  { unit: 'day', seconds: 86_400, least: 2 },
  { unit: 'hour', seconds: 3600, least: 1 },
  { unit: 'minute', seconds: 60, least: 1 },
  { unit: 'second', seconds: 1, least: 0 },
] as const;

/** Whole seconds in the largest unit that fits, such as "25 hours" or "3 days". */
export function formatDuration(duration: number): string {
  const { unit, seconds } =
    UNITS.find(({ seconds, least }) => duration % seconds === 0 && duration / seconds >= least) ?? UNITS[3];
  return new Intl.NumberFormat(i18next.language, { style: 'unit', unit, unitDisplay: 'long' }).format(duration / seconds);
}
