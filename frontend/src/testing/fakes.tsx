/** A fake backend: scripted HTTP answers, and sockets that the test controls. */
import { QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, RouterProvider } from '@tanstack/react-router';
import { act, render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { I18nProvider } from 'react-aria-components';
import { vi } from 'vitest';
import type { Alarm } from '../api/alarm';
import type { AlarmEvent } from '../api/events';
import type { Kind, Sensor, Type } from '../api/sensors';
import type { Session, SessionPerson } from '../api/session';
import { newQueryClient } from '../data/client';
import { newRouter } from '../router';

/** The time in so many seconds, in the backend's format. */
export const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

export const anAlarm = (changes: Partial<Alarm> = {}): Alarm => ({
  state: 'disarmed',
  target: null,
  changed_at: new Date().toISOString(),
  deadline: null,
  triggered_by: [],
  siren: changes.state === 'triggered',
  memory: [],
  trouble: [],
  not_ready: { home: [], away: [], night: [], vacation: [] },
  sequence: 1,
  ...changes,
});

export const aSensor = (changes: Partial<Sensor> = {}): Sensor => ({
  id: 1,
  name: 'Back door',
  kind: 'door',
  type: 'entry_exit',
  modes: ['home', 'away', 'night', 'vacation'],
  entry_delay: null,
  final_door: false,
  chime: false,
  heartbeat: null,
  trouble: [],
  bypassed: false,
  active: false,
  last_heard_at: inSeconds(-60),
  no_contact_from: inSeconds(3 * 86_400),
  ...changes,
});

/** Not ready to arm: by mode, otherwise ready. */
export const notReady = (changes: Partial<Alarm['not_ready']>): Alarm['not_ready'] => ({
  home: [],
  away: [],
  night: [],
  vacation: [],
  ...changes,
});

const aType = (type: Type['type'], changes: Partial<Type> = {}): Type => ({
  type,
  modes: ['home', 'away', 'night', 'vacation'],
  chime: false,
  has_modes: true,
  has_entry_delay: false,
  has_final_door: false,
  has_chime: true,
  ...changes,
});

const entryExit = (changes: Partial<Type> = {}) => aType('entry_exit', { has_entry_delay: true, ...changes });

/** Some of the kinds, with the defaults of the backend. */
export const sensorKinds: Kind[] = [
  { kind: 'door', heartbeat: 90_000, types: [entryExit({ has_final_door: true }), aType('perimeter')] },
  { kind: 'window', heartbeat: 90_000, types: [aType('perimeter'), entryExit()] },
  { kind: 'motion', heartbeat: 90_000, types: [aType('interior', { modes: ['away', 'vacation'] })] },
  { kind: 'smoke', heartbeat: 90_000, types: [aType('fire', { has_modes: false, has_chime: false })] },
];

export const anEvent = (changes: Partial<AlarmEvent> = {}): AlarmEvent => ({
  id: 1,
  at: inSeconds(-5),
  kind: 'transition',
  from_state: '',
  to_state: '',
  cause: 'api',
  person: null,
  sensor: null,
  source: '',
  detail: '',
  facts: null,
  ...changes,
});

export const anna: SessionPerson = { id: 1, username: 'anna', name: 'Anna', role: 'admin' };
export const tablet: SessionPerson = { id: 3, username: 'wall', name: 'Hall', role: 'kiosk' };
export const ben: SessionPerson = { id: 2, username: 'ben', name: 'Ben', role: 'resident' };

export const aSession = (person: SessionPerson | null = anna): Session => ({
  setup_required: false,
  setup_token_required: false,
  person,
  totp_required: false,
  csrf_cookie: 'alarm-csrf',
  csrf_token: 'token-of-the-session',
});

export class FakeSocket {
  static all: FakeSocket[] = [];
  static answersPings = true;
  static get latest(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    if (!socket) throw new Error('no socket has been opened');
    return socket;
  }

  readonly url: string;
  readonly sent: unknown[] = [];
  closed = false;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(url: string) {
    this.url = url;
    FakeSocket.all.push(this);
  }

  send(data: string): void {
    const message = JSON.parse(data) as { type: string };
    this.sent.push(message);
    if (message.type === 'ping' && FakeSocket.answersPings) {
      void Promise.resolve().then(() => this.receive({ type: 'pong' }));
    }
  }

  close(): void {
    this.closed = true;
  }

  receive(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  receiveSnapshot({ sequence, ...alarm }: Alarm, sensors: Sensor[] = []): void {
    const mqtt = { state: 'off', detail: '', since: inSeconds(-60) };
    this.receive({ type: 'snapshot', sequence, alarm, sensors, outputs: [], integrations: { mqtt } });
  }

  /** 1006: the browser's code for a connection that ended without a close frame. */
  disconnect(code = 1006): void {
    this.onclose?.({ code });
  }
}

export function installFakeSocket({ answersPings = true } = {}): void {
  FakeSocket.all = [];
  FakeSocket.answersPings = answersPings;
  vi.stubGlobal('WebSocket', FakeSocket);
}

interface Answer {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** The delay of the answer, in milliseconds. */
  after?: number;
}

/** The current answers by `/path/` or `METHOD /path/`; a test replaces them as it proceeds. */
export type Backend = Record<string, Answer | 'unreachable'>;

let backend: Backend = {};

export function installFakeBackend(): Backend {
  backend = {
    '/api/session/': { body: aSession() },
    '/api/alarm/state/': { body: anAlarm() },
    '/api/sensors/': { body: [] },
    '/api/sensors/types/': { body: sensorKinds },
    '/api/events/': { body: { results: [], next: null, previous: null } },
    '/api/people/': { body: [] },
    '/api/codes/': { body: [] },
    '/api/sessions/': { body: [] },
    '/api/session/totp/': { body: { added_at: null, recovery_codes_left: 0 } },
    '/api/health/ready/': { body: { version: '1.2.3', revision: 'abc1234' } },
  };
  vi.stubGlobal(
    'fetch',
    vi.fn(async (address: string, { method = 'GET' }: RequestInit = {}) => {
      const path = address.replace(/\?.*/, '');
      const answer = backend[`${method} ${path}`] ?? backend[path] ?? { status: 404 };
      if (answer === 'unreachable') throw new TypeError('Failed to fetch');
      const { status = 200, body = null, headers, after = 0 } = answer;
      if (after > 0) await new Promise((resolve) => setTimeout(resolve, after));
      return status === 204 ? new Response(null, { status }) : Response.json(body, { status, headers });
    }),
  );
  return backend;
}

export const requests = (method: string, path: string) =>
  vi
    .mocked(fetch)
    .mock.calls.map(([address, init]) => ({ address: address as string, init }))
    .filter(({ address, init }) => address.startsWith(path) && (init?.method ?? 'GET') === method);

export const sent = (method: string, path: string): unknown[] =>
  requests(method, path).map(({ init }) => JSON.parse(init?.body as string) as unknown);

interface Scenario {
  alarm?: Alarm;
  sensors?: Sensor[];
  /** False: the socket stays silent. */
  connected?: boolean;
}

/** Renders the whole page at an address, with fake time, in the given state. */
export async function open(address: string, { alarm = anAlarm(), sensors = [], connected = true }: Scenario = {}) {
  backend['/api/alarm/state/'] = { body: alarm };
  backend['/api/sensors/'] = { body: sensors };
  const history = createMemoryHistory({ initialEntries: [address] });
  render(
    <I18nProvider locale={i18next.language}>
      <QueryClientProvider client={newQueryClient()}>
        <RouterProvider router={newRouter(history)} />
      </QueryClientProvider>
    </I18nProvider>,
  );
  await settle();
  if (connected && FakeSocket.all.length > 0) await snapshot(alarm, sensors);
  const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
  return {
    address: () => history.location.href,
    click: async (element: Element) => {
      await user.click(element);
      await settle();
    },
    type: async (element: Element, text: string) => {
      await user.click(element);
      await user.keyboard(text);
      await settle();
    },
    keyboard: async (keys: string) => {
      await user.keyboard(keys);
      await settle();
    },
  };
}

/** Waits until the page's code is loaded and its requests are answered, redirects included. */
export const settle = () =>
  act(async () => {
    for (let round = 0; round < 3; round++) {
      await vi.advanceTimersByTimeAsync(1);
      await vi.dynamicImportSettled();
    }
    await vi.advanceTimersByTimeAsync(1);
  });

export const snapshot = (alarm: Alarm, sensors: Sensor[] = []) =>
  act(async () => {
    FakeSocket.latest.receiveSnapshot(alarm, sensors);
    await vi.advanceTimersByTimeAsync(1);
  });

export const change = (sequence: number, topic: string, data: unknown) =>
  act(async () => {
    FakeSocket.latest.receive({ type: 'change', sequence, topic, data });
    await vi.advanceTimersByTimeAsync(1);
  });

/** A change of the alarm; its sequence is that of the change. */
export const nextAlarm = ({ sequence, ...data }: Alarm) => change(sequence, 'alarm', data);

export const disconnect = (code?: number) =>
  act(async () => {
    FakeSocket.latest.disconnect(code);
    await vi.advanceTimersByTimeAsync(1);
  });

export const advance = (milliseconds: number) =>
  act(async () => await vi.advanceTimersByTimeAsync(milliseconds));
