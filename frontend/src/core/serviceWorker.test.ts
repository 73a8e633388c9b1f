/** Runs the service worker's own file with the scope that a browser would give it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { beforeEach, expect, it, vi } from 'vitest';

const source = readFileSync(join(import.meta.dirname, '../../public/service-worker.js'), 'utf8');

type Handler = (event: object) => void;

let handlers: Record<string, Handler>;
const showNotification = vi.fn();
const openWindow = vi.fn();
const matchAll = vi.fn();

beforeEach(() => {
  handlers = {};
  runInNewContext(source, {
    self: {
      addEventListener: (type: string, handler: Handler) => (handlers[type] = handler),
      skipWaiting: vi.fn(),
      registration: { showNotification },
      clients: { matchAll, openWindow },
    },
  });
});

async function handle(type: string, event: object): Promise<void> {
  let done: Promise<unknown> = Promise.resolve();
  handlers[type]?.({ ...event, waitUntil: (work: Promise<unknown>) => (done = work) });
  await done;
}

const push = (data: string | null) => handle('push', { data: data === null ? null : { json: () => JSON.parse(data) as unknown } });
const close = vi.fn();
const tap = () => handle('notificationclick', { notification: { close } });

it('answers no request and keeps no file, so that no page is out of a cache', () => {
  expect(Object.keys(handlers).sort()).toEqual(['install', 'notificationclick', 'push']);
  expect(source).not.toMatch(/caches/);
});

it('shows what is pushed, an alarm until it is tapped', async () => {
  await push(JSON.stringify({ title: 'Alarm!', body: 'Back door', kind: 'alarm', silent: false }));
  expect(showNotification).toHaveBeenCalledWith(
    'Alarm!',
    expect.objectContaining({ body: 'Back door', requireInteraction: true, silent: false }),
  );
  await push(JSON.stringify({ title: 'Low battery', body: 'Back door', kind: 'trouble' }));
  expect(showNotification).toHaveBeenLastCalledWith('Low battery', expect.objectContaining({ requireInteraction: false }));
});

it('shows duress without a sound', async () => {
  await push(JSON.stringify({ title: 'Duress', body: 'Anna', kind: 'duress', silent: true }));
  expect(showNotification).toHaveBeenCalledWith('Duress', expect.objectContaining({ silent: true }));
});

it.each([null, '', 'not JSON', 'null', '[]', '"text"'])('shows something for a message that it cannot read: %s', async (data) => {
  await push(data);
  expect(showNotification).toHaveBeenCalledWith('Home alarm', expect.anything());
});

it('brings an open page to the front, the visible one of several', async () => {
  const [hidden, visible] = ['hidden', 'visible'].map((visibilityState) => ({ visibilityState, focus: vi.fn() }));
  matchAll.mockResolvedValue([hidden, visible]);
  await tap();
  expect(close).toHaveBeenCalled();
  expect(visible?.focus).toHaveBeenCalled();
  expect(hidden?.focus).not.toHaveBeenCalled();
  expect(openWindow).not.toHaveBeenCalled();
});

it('opens the panel where no page is open', async () => {
  matchAll.mockResolvedValue([]);
  await tap();
  expect(openWindow).toHaveBeenCalledWith('/');
});
