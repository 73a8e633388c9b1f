import { screen, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { MqttSettings } from '../../api/mqtt';
import {
  anAlarm,
  aSession,
  ben,
  change,
  installFakeBackend,
  installFakeSocket,
  nextAlarm,
  open,
  requests,
  sent,
  type Backend,
} from '../../testing/fakes';
import { text } from '../../text';

let backend: Backend;

const words = text.settings;
const card = (name: string) => within(screen.getByRole('region', { name }));

const timing = { exit_delay: 60, entry_delay: 30, siren_duration: 180, retention_days: 365 };
const mqtt: MqttSettings = {
  enabled: true,
  host: 'broker.lan',
  port: 1883,
  tls: false,
  username: 'alarm',
  has_password: true,
  base_topic: 'alarm_panel',
  discovery_prefix: 'homeassistant',
  from_environment: ['host'],
  status: { state: 'connecting', detail: '', since: '2026-01-31T12:00:00.000000Z' },
};

beforeEach(() => {
  vi.useFakeTimers();
  installFakeSocket();
  backend = installFakeBackend();
  backend['/api/settings/'] = { body: timing };
  backend['/api/integrations/mqtt/'] = { body: mqtt };
});

describe('the delays', () => {
  it('are shown and saved in seconds', async () => {
    const user = await open('/settings');
    const exit = card(words.timing.title).getByLabelText(words.timing.exitDelay);
    expect(exit).toHaveValue(60);
    backend['PATCH /api/settings/'] = { body: { ...timing, exit_delay: 605 } };
    await user.type(exit, '{Backspace}{Backspace}605');
    await user.click(card(words.timing.title).getByRole('button', { name: text.actions.save }));
    expect(sent('PATCH', '/api/settings/')).toEqual([{ ...timing, exit_delay: 605 }]);
    expect(screen.getByText(text.saved)).toBeVisible();
  });

  it('are not sent when out of bounds', async () => {
    const user = await open('/settings');
    const exit = card(words.timing.title).getByLabelText(words.timing.exitDelay);
    await user.type(exit, '000{Enter}');
    expect(exit).toBeInvalid();
    expect(requests('PATCH', '/api/settings/')).toHaveLength(0);
  });

  it('follow a change by another administrator', async () => {
    await open('/settings');
    await change(2, 'settings', { ...timing, entry_delay: 45 });
    expect(card(words.timing.title).getByLabelText(words.timing.entryDelay)).toHaveValue(45);
  });
});

describe('while the alarm is armed', () => {
  it('the delays and the broker cannot be changed, and the page says why', async () => {
    await open('/settings', { alarm: anAlarm({ state: 'armed_away' }) });
    for (const title of [words.timing.title, words.mqtt.title]) {
      expect(card(title).getByText(text.alarm.onlyWhileDisarmed)).toBeVisible();
      expect(card(title).getByRole('button', { name: text.actions.save })).toBeDisabled();
    }
    await nextAlarm(anAlarm({ sequence: 2 }));
    expect(card(words.timing.title).getByRole('button', { name: text.actions.save })).toBeEnabled();
  });
});

describe('Home Assistant', () => {
  const field = (name: string) => card(words.mqtt.title).getByLabelText(name);
  const button = (name: string) => card(words.mqtt.title).getByRole('button', { name });

  it('shows the status of the connection as it changes', async () => {
    await open('/settings');
    const since = '2026-01-31T12:00:00.000000Z';
    await change(2, 'integration', { mqtt: { state: 'refused', detail: 'Not authorised.', since } });
    expect(card(words.mqtt.title).getByText(words.mqtt.states.refused)).toBeVisible();
    expect(card(words.mqtt.title).getByText('Not authorised.')).toBeVisible();
  });

  it('is saved without fields that the environment sets, and without an empty password', async () => {
    const user = await open('/settings');
    expect(field(words.mqtt.host)).toBeDisabled();
    backend['PATCH /api/integrations/mqtt/'] = { body: mqtt };
    await user.click(screen.getByRole('switch', { name: words.mqtt.tls }));
    await user.click(button(text.actions.save));
    const topics = { base_topic: 'alarm_panel', discovery_prefix: 'homeassistant' };
    const rest = { enabled: true, port: 1883, tls: true, username: 'alarm' };
    expect(sent('PATCH', '/api/integrations/mqtt/')).toEqual([{ ...rest, ...topics }]);
  });

  it('is tested with the values in the form', async () => {
    const user = await open('/settings');
    const detail = 'The broker refused the password.';
    backend['POST /api/integrations/mqtt/test/'] = { body: { ok: false, detail } };
    await user.type(field(words.mqtt.password), 'guess');
    await user.click(button(words.mqtt.test));
    expect(sent('POST', '/api/integrations/mqtt/test/')).toEqual([expect.objectContaining({ password: 'guess' })]);
    expect(screen.getByText(detail)).toHaveRole('status');
    expect(requests('PATCH', '/api/integrations/mqtt/')).toHaveLength(0);
  });
});

describe('the account', () => {
  it('changes its password with the current one', async () => {
    const user = await open('/settings');
    const own = card(words.password.title);
    const address = '/api/session/password/';
    const refusal = { code: 'wrong_credentials', detail: 'That is not your password.' };
    backend[`POST ${address}`] = { status: 403, body: refusal };
    await user.type(own.getByLabelText(words.password.current), 'old');
    await user.type(own.getByLabelText(words.password.next), 'a new password{Enter}');
    expect(own.getByRole('alert')).toHaveTextContent(refusal.detail);
    backend[`POST ${address}`] = { status: 204 };
    await user.keyboard('{Enter}');
    expect(sent('POST', address)).toEqual(Array(2).fill({ current: 'old', new: 'a new password' }));
    expect(screen.getByText(words.password.changed)).toBeVisible();
    expect(own.getByLabelText(words.password.current)).toHaveValue('');
  });

  it('keeps the theme on this device', async () => {
    const user = await open('/settings');
    await user.click(screen.getByRole('radio', { name: words.themes.dark }));
    expect(document.documentElement.style.colorScheme).toBe('dark');
    expect(localStorage.getItem('alarm-panel-theme')).toBe('dark');
    await user.click(screen.getByRole('radio', { name: words.themes.auto }));
    expect(document.documentElement.style.colorScheme).toBe('');
  });

  it('is all that residents can set', async () => {
    backend['/api/session/'] = { body: aSession(ben) };
    await open('/settings');
    expect(screen.getByRole('region', { name: words.password.title })).toBeVisible();
    expect(screen.queryByRole('region', { name: words.timing.title })).not.toBeInTheDocument();
    expect(screen.queryByRole('region', { name: words.mqtt.title })).not.toBeInTheDocument();
    expect(requests('GET', '/api/integrations/mqtt/')).toHaveLength(0);
  });
});
