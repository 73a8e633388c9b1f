import { screen, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  anAlarm,
  anna,
  aSession,
  ben,
  disconnect,
  FakeSocket,
  inSeconds,
  installFakeBackend,
  installFakeSocket,
  nextAlarm,
  open,
  advance,
  requests,
  sent,
  settle,
  type Backend,
} from '../testing/fakes';
import { t } from '../text';
import type english from '../text/en';

let backend: Backend;

const SESSION = '/api/session/';
const login = (word: keyof typeof english.access.login) => t(`access.login.${word}`);
const setup = (word: keyof typeof english.access.setup) => t(`access.setup.${word}`);
const field = (name: string) => screen.getByLabelText(name);
const button = (name: string) => screen.getByRole('button', { name });
const heading = (name: string) => screen.getByRole('heading', { level: 1, name });

beforeEach(() => {
  vi.useFakeTimers();
  installFakeSocket();
  backend = installFakeBackend();
});

describe('without a session', () => {
  beforeEach(() => {
    backend[SESSION] = { body: aSession(null) };
  });

  it('redirects a page to the login, and back after it', async () => {
    const user = await open('/events?since=2026-01-31');
    expect(heading(login('title'))).toBeVisible();
    expect(FakeSocket.all).toHaveLength(0);
    backend[`POST ${SESSION}`] = { body: aSession() };
    await user.type(field(login('username')), 'anna');
    await user.type(field(login('password')), 'secret{Enter}');
    expect(sent('POST', SESSION)).toEqual([{ username: 'anna', password: 'secret' }]);
    expect(heading(t('events.title'))).toBeVisible();
    expect(user.address()).toBe('/events?since=2026-01-31');
  });

  it('does not redirect to another site after the login', async () => {
    const user = await open('/login?back=//evil.example/');
    backend[`POST ${SESSION}`] = { body: aSession() };
    await user.type(field(login('username')), 'anna');
    await user.type(field(login('password')), 'secret{Enter}');
    expect(user.address()).toBe('/');
  });

  it('shows why a login failed and how long it is locked', async () => {
    const user = await open('/login');
    const body = { code: 'locked_out', detail: 'Too many attempts.' };
    backend[`POST ${SESSION}`] = { status: 429, body, headers: { 'Retry-After': '5' } };
    await user.type(field(login('username')), 'anna');
    await user.type(field(login('password')), 'guess{Enter}');
    expect(screen.getByRole('alert')).toHaveTextContent('Too many attempts.');
    expect(button(login('submit'))).toBeDisabled();
    await advance(6000);
    expect(button(login('submit'))).toBeEnabled();
  });

  it('asks for a code of the authenticator app once the password is right', async () => {
    const user = await open('/login');
    expect(screen.queryByLabelText(t('totp.code'))).not.toBeInTheDocument();
    const refuse = (code: string, detail: string) => ({ status: 403, body: { code, detail } });
    backend[`POST ${SESSION}`] = refuse('totp_required', 'Enter the code, too.');
    await user.type(field(t('access.login.username')), 'anna');
    await user.type(field(t('access.login.password')), 'a long password{Enter}');
    expect(field(t('totp.code'))).toHaveFocus();
    expect(screen.getAllByText('Enter the code, too.')).toHaveLength(1);
    backend[`POST ${SESSION}`] = refuse('wrong_totp_code', 'This code is wrong.');
    await user.keyboard('000000{Enter}');
    expect(field(t('totp.code'))).toHaveAccessibleDescription(/This code is wrong/);
    expect(sent('POST', SESSION).at(-1)).toEqual({ username: 'anna', password: 'a long password', code: '000000' });
  });

  it('creates the administrator and the code at the first run', async () => {
    backend[SESSION] = { body: { ...aSession(null), setup_required: true } };
    const user = await open('/sensors');
    expect(heading(setup('title'))).toBeVisible();
    await user.type(field(setup('yourName')), 'Anna');
    await user.type(field(setup('username')), 'anna');
    await user.type(field(setup('password')), 'password');
    await user.type(field(setup('pin')), '1234');
    const fields = { password: 'This password is too common.' };
    backend['POST /api/setup/'] = { status: 400, body: { code: 'invalid', detail: 'password: …', fields } };
    await user.click(button(setup('submit')));
    expect(field(setup('password'))).toHaveAccessibleDescription(/too common/);
    expect(field(setup('password'))).toHaveFocus();

    backend['POST /api/setup/'] = { status: 201, body: aSession() };
    await user.type(field(setup('password')), ' that is hard to guess');
    // On input, not on blur: the button must not move while it is pressed.
    expect(field(setup('password'))).toHaveFocus();
    expect(field(setup('password'))).not.toHaveAccessibleDescription(/too common/);
    await user.click(button(setup('submit')));
    const body = { name: 'Anna', username: 'anna', pin: '1234' };
    expect(sent('POST', '/api/setup/').at(-1)).toEqual({ ...body, password: 'password that is hard to guess' });
    expect(user.address()).toBe('/');
  });

  it('asks for the setup token where the panel needs it', async () => {
    backend[SESSION] = { body: { ...aSession(null), setup_required: true, setup_token_required: true } };
    const user = await open('/');
    await user.type(field(t('access.setup.token')), 'k7qm-2xpd');
    await user.type(field(t('access.setup.yourName')), 'Anna');
    await user.type(field(t('access.setup.username')), 'anna');
    await user.type(field(t('access.setup.password')), 'password that is hard to guess');
    await user.type(field(t('access.setup.pin')), '1234');
    const body = { code: 'wrong_setup_token', detail: 'The setup token is wrong.' };
    backend['POST /api/setup/'] = { status: 403, body };
    await user.click(button(t('access.setup.submit')));
    expect(sent('POST', '/api/setup/').at(-1)).toMatchObject({ token: 'k7qm-2xpd' });
    expect(field(t('access.setup.token'))).toHaveAccessibleDescription(/The setup token is wrong/);
    expect(field(t('access.setup.token'))).toHaveFocus();
  });
});

describe('a session that ends', () => {
  const loggedOut = async () => {
    backend[SESSION] = { body: aSession(null) };
    await disconnect(4401);
    await settle();
  };

  it('redirects to the login with the reason, and back', async () => {
    const user = await open('/sensors');
    await loggedOut();
    expect(screen.getByText(login('expired'))).toHaveRole('status');
    backend[SESSION] = backend[`POST ${SESSION}`] = { body: aSession() };
    await user.type(field(login('username')), 'anna');
    await user.type(field(login('password')), 'secret{Enter}');
    expect(user.address()).toBe('/sensors');
  });

  it('is detected by any refused request', async () => {
    const user = await open('/', { alarm: anAlarm({ state: 'armed_home' }) });
    backend[SESSION] = { body: aSession(null) };
    backend['/api/alarm/disarm/'] = { status: 403, body: { code: 'login_required', detail: 'Log in first.' } };
    await user.keyboard('1234{Enter}');
    expect(screen.getByText(login('expired'))).toBeVisible();
  });

  it('shows no reason after a logout', async () => {
    const user = await open('/settings');
    backend[`DELETE ${SESSION}`] = { status: 204 };
    backend[SESSION] = { body: aSession(null) };
    await user.click(button(t('settings.logOut')));
    expect(heading(login('title'))).toBeVisible();
    expect(screen.queryByText(login('expired'))).not.toBeInTheDocument();
    expect(user.address()).toBe('/login');
    expect(FakeSocket.latest.closed).toBe(true);
  });
});

describe('a request that changes data', () => {
  const arm = () => requests('POST', '/api/alarm/arm/').map(({ init }) => new Headers(init?.headers).get('X-CSRFToken'));

  it('has the session’s CSRF token', async () => {
    const user = await open('/');
    backend['/api/alarm/arm/'] = { body: anAlarm({ state: 'arming', sequence: 2 }) };
    await user.click(screen.getByRole('button', { name: /Arm home/ }));
    expect(arm()).toEqual(['token-of-the-session']);
  });

  it('is repeated once with a new token, after a login in another tab', async () => {
    const user = await open('/');
    backend['/api/alarm/arm/'] = { status: 403, body: { code: 'csrf_failed', detail: 'Load the page again.' } };
    backend[SESSION] = { body: { ...aSession(), csrf_token: 'newer' } };
    await user.click(screen.getByRole('button', { name: /Arm home/ }));
    expect(arm()).toEqual(['token-of-the-session', 'newer']);
    expect(screen.getByText('Load the page again.')).toHaveRole('alert');
  });
});

describe('the shell', () => {
  const navigation = () => screen.getByRole('navigation', { name: t('nav.label') });

  it('hides the pages for administrators from residents', async () => {
    backend[SESSION] = { body: aSession(ben) };
    await open('/people');
    expect(screen.getByText(t('adminOnly'))).toBeVisible();
    expect(within(navigation()).queryByRole('link', { name: t('nav.people') })).not.toBeInTheDocument();
    expect(requests('GET', '/api/people/')).toHaveLength(0);
  });

  it('moves the focus to the heading after navigation', async () => {
    const user = await open('/');
    await user.click(within(navigation()).getByRole('link', { name: t('nav.sensors') }));
    expect(heading(t('sensors.title'))).toHaveFocus();
    expect(document.title).toContain(t('sensors.title'));
  });

  it('shows a running alarm on every page', async () => {
    await open('/sensors');
    await nextAlarm(anAlarm({ state: 'pending', deadline: inSeconds(20), sequence: 2 }));
    const bar = screen.getByRole('region', { name: t('alarmBar.label') });
    expect(bar).toHaveTextContent(t('alarm.details.pending'));
    expect(within(bar).getByRole('link', { name: t('alarmBar.open') })).toHaveAttribute('href', '/');
  });

  it('waits for a backend that is starting', async () => {
    backend[SESSION] = 'unreachable';
    await open('/');
    expect(screen.getByText(t('starting'))).toBeVisible();
    backend[SESSION] = { body: aSession(anna) };
    await advance(10_000);
    await settle();
    expect(navigation()).toBeVisible();
  });

  it('shows a message for an unknown address', async () => {
    await open('/nothing');
    expect(heading(t('notFound'))).toBeVisible();
  });
});
