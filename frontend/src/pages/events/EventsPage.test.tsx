import { screen, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  anEvent,
  aSensor,
  aSession,
  ben,
  change,
  installFakeBackend,
  installFakeSocket,
  open,
  requests,
  type Backend,
} from '../../testing/fakes';
import { t } from '../../text';

let backend: Backend;

const EVENTS = '/api/events/';
const rows = () => within(screen.getByRole('region', { name: t('events.title') })).queryAllByRole('row');
const asked = () => new URLSearchParams(requests('GET', EVENTS).at(-1)?.address.split('?')[1]);

beforeEach(() => {
  vi.useFakeTimers();
  installFakeSocket();
  backend = installFakeBackend();
});

it('shows person, change, device and cause, also of unknown kinds', async () => {
  const person = { id: 1, name: 'Anna' };
  const source = 'Chrome on Android, 192.168.1.7';
  const results = [
    anEvent({ from_state: 'disarmed', to_state: 'arming', person, source }),
    anEvent({ id: 2, kind: 'sensor', cause: 'sensor', sensor: { id: 1, name: 'Back door' }, detail: 'Opened' }),
    anEvent({ id: 3, kind: 'shiny_new_kind', cause: 'timer' }),
  ];
  backend[EVENTS] = { body: { results, next: null } };
  await open('/events');
  expect(rows()[0]).toHaveTextContent(/Disarmed → Arming\s*Anna · Chrome on Android, 192\.168\.1\.7/);
  expect(rows()[1]).toHaveTextContent(/Back door: Opened\s*By a sensor/);
  expect(rows()[2]).toHaveTextContent(/shiny new kind\s*Time was up/);
});

it('loads more pages from its own host, whichever the backend names', async () => {
  const next = 'http://somewhere.internal/api/events/?cursor=abc&page_size=50';
  backend[EVENTS] = { body: { results: [anEvent()], next } };
  const user = await open('/events');
  backend[EVENTS] = { body: { results: [anEvent({ id: 2 })], next: null } };
  await user.click(screen.getByRole('button', { name: t('events.loadMore') }));
  expect(asked().get('cursor')).toBe('abc');
  expect(rows()).toHaveLength(2);
  expect(screen.getByText(t('events.end'))).toBeVisible();
});

describe('filters', () => {
  it('are in the request, the address and the download', async () => {
    const user = await open('/events', { sensors: [aSensor()] });
    await user.click(screen.getByRole('button', { name: t('events.kinds.wrong_pin') }));
    await user.click(screen.getByRole('button', { name: t('events.kinds.lockout') }));
    await user.click(screen.getByRole('button', { name: new RegExp(`${t('events.any')}.*${t('events.sensor')}`) }));
    await user.click(screen.getByRole('option', { name: 'Back door' }));
    expect(asked().getAll('kind')).toEqual(['wrong_pin', 'lockout']);
    expect(asked().get('sensor')).toBe('1');
    expect(user.address()).toContain('wrong_pin');
    const download = screen.getByRole('link', { name: t('events.download') }).getAttribute('href') ?? '';
    expect(download).toMatch(/^\/api\/events\/export\/\?/);
    expect(new URLSearchParams(download.split('?')[1]).getAll('kind')).toEqual(['wrong_pin', 'lockout']);
    await user.click(screen.getByRole('button', { name: t('events.clear') }));
    expect(asked().getAll('kind')).toEqual([]);
  });

  it('by day include both days in the browser’s time zone', async () => {
    await open('/events?since=2026-01-30&until=2026-01-31');
    expect(asked().get('since')).toBe(new Date(2026, 0, 30).toISOString());
    expect(asked().get('until')).toBe(new Date(2026, 0, 31, 23, 59, 59, 999).toISOString());
  });

  it('apply to events from the socket', async () => {
    await open('/events?kind=["login"]');
    await change(2, 'event', anEvent({ id: 5, kind: 'login', detail: 'Logged in.' }));
    await change(3, 'event', anEvent({ id: 6, kind: 'sensor' }));
    expect(rows()).toHaveLength(1);
    expect(rows()[0]).toHaveTextContent('Logged in.');
  });

  it('do not offer people and duress to residents', async () => {
    backend['/api/session/'] = { body: aSession(ben) };
    await open('/events');
    expect(screen.queryByRole('button', { name: t('events.kinds.duress') })).not.toBeInTheDocument();
    expect(requests('GET', '/api/people/')).toHaveLength(0);
  });
});
