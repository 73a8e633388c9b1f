/** The backend's HTTP API: its types, its calls, and one error type for everything that can go wrong. */
import { learnServerTime } from './serverClock';
import { text } from './text';

const ANSWER_WITHIN_MS = 10_000;

export const alarmStates = ['disarmed', 'arming', 'armed_home', 'armed_away', 'pending', 'triggered'] as const;
export type AlarmState = (typeof alarmStates)[number];
export type ArmedState = 'armed_home' | 'armed_away';
export type ArmMode = 'home' | 'away';

export interface Alarm {
  state: AlarmState;
  /** ISO 8601, by the server's clock, as every time here. */
  changed_at: string;
  /** When the state will change by itself; null where it will not. */
  deadline: string | null;
  /** What `arming` leads to. */
  target: ArmedState | null;
  /** Grows by every change. */
  sequence: number;
}

export interface AlarmEvent {
  id: number | string;
  at: string;
  from_state: string;
  to_state: string;
  cause: string;
}

export class ApiError extends Error {
  /** The backend's, or `unreachable` or `unexpected`. */
  readonly code: string;
  /** Milliseconds by this machine's clock; null where another try may come at once. */
  readonly retryAt: number | null;

  constructor(code: string, detail: string, retryAt: number | null = null) {
    super(detail);
    this.code = code;
    this.retryAt = retryAt;
  }
}

export const getAlarm = async () => readAlarm(await request('/api/alarm/state/'));

export const arm = async (mode: ArmMode) => readAlarm(await request('/api/alarm/arm/', { mode }));

export const disarm = async (pin: string) => readAlarm(await request('/api/alarm/disarm/', { pin }));

/** Newest first. */
export async function getEvents(): Promise<AlarmEvent[]> {
  const page = (await request('/api/events/')) as { results?: AlarmEvent[] } | null;
  if (!Array.isArray(page?.results)) throw unexpected();
  return page.results;
}

export async function getVersion(): Promise<{ version?: string; revision?: string }> {
  return (await request('/api/health/ready/')) ?? {};
}

/** Checks what the page depends on, so that a newer or broken backend shows as an error and not as a wrong state. */
export function readAlarm(value: unknown): Alarm {
  const alarm = value as Partial<Alarm> | null;
  const known = typeof alarm?.sequence === 'number' && alarmStates.some((state) => state === alarm.state);
  if (!known) throw unexpected();
  return alarm as Alarm;
}

async function request(path: string, body?: object): Promise<unknown> {
  const sentAt = Date.now();
  const response = await fetch(path, {
    cache: 'no-store',
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    ...(body && {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    }),
  }).catch(() => {
    throw new ApiError('unreachable', text.errors.unreachable);
  });
  learnServerTime(response.headers.get('Date'), sentAt);

  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) throw readError(response, answer);
  return answer;
}

function readError(response: Response, answer: unknown): ApiError {
  const { code, detail } = (answer ?? {}) as { code?: string; detail?: string };
  const retryAfter = Number(response.headers.get('Retry-After'));
  const retryAt = retryAfter > 0 ? Date.now() + retryAfter * 1000 : null;
  return new ApiError(code ?? 'unexpected', detail ?? text.errors.unexpected, retryAt);
}

const unexpected = () => new ApiError('unexpected', text.errors.unexpected);
