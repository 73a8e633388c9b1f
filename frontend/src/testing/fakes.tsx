/** A backend without a network: scripted HTTP answers, and sockets that the test drives. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { vi } from 'vitest';
import type { Alarm, AlarmEvent } from '../api';
import { App } from '../App';

export const anAlarm = (changes: Partial<Alarm> = {}): Alarm => ({
  state: 'disarmed',
  changed_at: new Date().toISOString(),
  deadline: null,
  target: null,
  sequence: 1,
  ...changes,
});

/** A moment this many seconds from now, as the backend would send it. */
export const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

export class FakeSocket {
  static all: FakeSocket[] = [];
  static get latest(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    if (!socket) throw new Error('no socket has been opened');
    return socket;
  }

  readonly url: string;
  readonly sent: unknown[] = [];
  closed = false;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor(url: string) {
    this.url = url;
    FakeSocket.all.push(this);
  }

  send(data: string): void {
    this.sent.push(JSON.parse(data));
  }

  close(): void {
    this.closed = true;
  }

  receive(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  receiveState(alarm: Alarm): void {
    this.receive({ type: 'state', ...alarm });
  }

  breakOff(): void {
    this.onclose?.();
  }
}

export function installFakeSocket(): void {
  FakeSocket.all = [];
  vi.stubGlobal('WebSocket', FakeSocket);
}

interface Answer {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** What each path answers now; a test replaces entries as its story goes on. */
export type Backend = Record<string, Answer | 'unreachable'>;

let backend: Backend = {};

export function installFakeBackend(events: AlarmEvent[] = []): Backend {
  backend = {
    '/api/alarm/state/': { body: anAlarm() },
    '/api/events/': { body: { results: events, next: null, previous: null } },
    '/api/health/ready/': { body: { version: '1.2.3', revision: 'abc1234' } },
  };
  vi.stubGlobal(
    'fetch',
    vi.fn((path: string) => {
      const answer = backend[path] ?? { status: 404 };
      if (answer === 'unreachable') return Promise.reject(new TypeError('Failed to fetch'));
      return Promise.resolve(
        Response.json(answer.body ?? null, { status: answer.status ?? 200, headers: answer.headers }),
      );
    }),
  );
  return backend;
}

/** The bodies that were posted to a path, oldest first. */
export const posted = (path: string): unknown[] =>
  vi
    .mocked(fetch)
    .mock.calls.filter(([called, init]) => called === path && init?.method === 'POST')
    .map(([, init]) => JSON.parse(init?.body as string) as unknown);

/** The whole page on a clock that the test moves, connected and in the given state. */
export async function openPanel(alarm: Alarm) {
  backend['/api/alarm/state/'] = { body: alarm };
  render(
    <QueryClientProvider client={new QueryClient()}>
      <App />
    </QueryClientProvider>,
  );
  await pass(0);
  await receive(alarm);
  const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
  return {
    click: async (element: Element) => {
      await user.click(element);
      await pass(1);
    },
    keyboard: async (keys: string) => {
      await user.keyboard(keys);
      await pass(1);
    },
  };
}

export const receive = (alarm: Alarm) =>
  act(async () => {
    FakeSocket.latest.receiveState(alarm);
    await vi.advanceTimersByTimeAsync(1);
  });

export const pass = (milliseconds: number) =>
  act(async () => {
    await vi.advanceTimersByTimeAsync(milliseconds);
  });
