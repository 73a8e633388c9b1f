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
import { t } from '../../text';

let backend: Backend;

const card = (name: string) => within(screen.getByRole('region', { name }));

const inEachMode = (seconds: number) => ({ home: seconds, away: seconds, night: seconds, vacation: seconds });
const timing = {
  exit_delay: inEachMode(60),
  entry_delay: inEachMode(30),
  siren_duration: 180,
  retention_days: 365,
};
/** The field of a delay in one mode. */
const delay = (name: string, mode: string) =>
  within(card(t('settings.timing.title')).getByRole('group', { name })).getByLabelText(mode);
const mqtt: MqttSettings = {
  enabled: true,
  host: 'broker.lan',
  port: 1883,
  tls: false,
  username: 'alarm',
  has_password: true,
  base_topic: 'alarm_panel',
  discovery_prefix: 'homeassistant',
  arm_without_code: false,
  is_bundled: false,
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
  it('are shown and saved by mode, in seconds', async () => {
    const user = await open('/settings');
    const exit = delay(t('settings.timing.exitDelay'), t('alarm.modes.away'));
    expect(exit).toHaveValue(60);
    backend['PATCH /api/settings/'] = { body: { ...timing, exit_delay: { ...inEachMode(60), away: 605 } } };
    await user.type(exit, '{Backspace}{Backspace}605');
    await user.click(card(t('settings.timing.title')).getByRole('button', { name: t('actions.save') }));
    expect(sent('PATCH', '/api/settings/')).toEqual([{ ...timing, exit_delay: { ...inEachMode(60), away: 605 } }]);
    expect(screen.getByText(t('saved'))).toBeVisible();
  });

  it('are not sent when out of bounds', async () => {
    const user = await open('/settings');
    const exit = delay(t('settings.timing.exitDelay'), t('alarm.modes.away'));
    await user.type(exit, '000{Enter}');
    expect(exit).toBeInvalid();
    expect(requests('PATCH', '/api/settings/')).toHaveLength(0);
  });

  it('follow a change by another administrator', async () => {
    await open('/settings');
    await change(2, 'settings', { ...timing, entry_delay: { ...inEachMode(30), night: 45 } });
    expect(delay(t('settings.timing.entryDelay'), t('alarm.modes.night'))).toHaveValue(45);
  });
});

describe('while the alarm is armed', () => {
  it('the delays and the broker cannot be changed, and the page says why', async () => {
    await open('/settings', { alarm: anAlarm({ state: 'armed_away' }) });
    for (const title of [t('settings.timing.title'), t('settings.mqtt.title')]) {
      expect(card(title).getByText(t('alarm.onlyWhileDisarmed'))).toBeVisible();
      expect(card(title).getByRole('button', { name: t('actions.save') })).toBeDisabled();
    }
    await nextAlarm(anAlarm({ sequence: 2 }));
    expect(card(t('settings.timing.title')).getByRole('button', { name: t('actions.save') })).toBeEnabled();
  });
});

describe('Home Assistant', () => {
  const field = (name: string) => card(t('settings.mqtt.title')).getByLabelText(name);
  const button = (name: string) => card(t('settings.mqtt.title')).getByRole('button', { name });

  it('shows the status of the connection as it changes', async () => {
    await open('/settings');
    const since = '2026-01-31T12:00:00.000000Z';
    await change(2, 'integration', { mqtt: { state: 'refused', detail: 'Not authorised.', since } });
    expect(card(t('settings.mqtt.title')).getByText(t('settings.mqtt.states.refused'))).toBeVisible();
    expect(card(t('settings.mqtt.title')).getByText('Not authorised.')).toBeVisible();
  });

  it('is saved without fields that the environment sets, and without an empty password', async () => {
    const user = await open('/settings');
    expect(field(t('settings.mqtt.host'))).toBeDisabled();
    backend['PATCH /api/integrations/mqtt/'] = { body: mqtt };
    await user.click(screen.getByRole('switch', { name: t('settings.mqtt.tls') }));
    await user.click(button(t('actions.save')));
    const topics = { base_topic: 'alarm_panel', discovery_prefix: 'homeassistant' };
    const rest = { enabled: true, port: 1883, tls: true, username: 'alarm', arm_without_code: false };
    expect(sent('PATCH', '/api/integrations/mqtt/')).toEqual([{ ...rest, ...topics }]);
  });

  it('lets automations arm without a code only when it is switched on', async () => {
    const user = await open('/settings');
    const toggle = screen.getByRole('switch', { name: t('settings.mqtt.armWithoutCode') });
    expect(toggle).not.toBeChecked();
    backend['PATCH /api/integrations/mqtt/'] = { body: { ...mqtt, arm_without_code: true } };
    await user.click(toggle);
    await user.click(button(t('actions.save')));
    expect(sent('PATCH', '/api/integrations/mqtt/')).toEqual([expect.objectContaining({ arm_without_code: true })]);
  });

  it('gives Home Assistant a login at the stack’s own broker only, and shows its password once', async () => {
    const user = await open('/settings');
    expect(screen.queryByRole('button', { name: t('settings.mqtt.login.renew') })).toBeNull();
    backend['PATCH /api/integrations/mqtt/'] = { body: mqtt };
    backend['/api/integrations/mqtt/'] = { body: { ...mqtt, is_bundled: true } };
    await user.click(button(t('actions.save')));
    backend['POST /api/integrations/mqtt/home-assistant/'] = {
      body: { username: 'homeassistant', password: 'once-and-never-again' },
    };
    await user.click(await screen.findByRole('button', { name: t('settings.mqtt.login.renew') }));
    expect(screen.getByText(t('settings.mqtt.login.renewDetail'))).toBeVisible();
    expect(requests('POST', '/api/integrations/mqtt/home-assistant/')).toHaveLength(0);
    await user.click(screen.getByRole('button', { name: t('settings.mqtt.login.renew') }));
    expect(await screen.findByText('once-and-never-again')).toBeVisible();
    await user.click(screen.getByRole('button', { name: t('settings.mqtt.login.done') }));
    expect(screen.queryByText('once-and-never-again')).toBeNull();
  });

  it('is tested with the values in the form', async () => {
    const user = await open('/settings');
    const detail = 'The broker refused the password.';
    backend['POST /api/integrations/mqtt/test/'] = { body: { ok: false, detail } };
    await user.type(field(t('settings.mqtt.password')), 'guess');
    await user.click(button(t('settings.mqtt.test')));
    expect(sent('POST', '/api/integrations/mqtt/test/')).toEqual([expect.objectContaining({ password: 'guess' })]);
    expect(screen.getByText(detail)).toHaveRole('status');
    expect(requests('PATCH', '/api/integrations/mqtt/')).toHaveLength(0);
  });
});

describe('the account', () => {
  it('changes its password with the current one', async () => {
    const user = await open('/settings');
    const own = card(t('settings.password.title'));
    const address = '/api/session/password/';
    const refusal = { code: 'wrong_credentials', detail: 'That is not your password.' };
    backend[`POST ${address}`] = { status: 403, body: refusal };
    await user.type(own.getByLabelText(t('settings.password.current')), 'old');
    await user.type(own.getByLabelText(t('settings.password.next')), 'a new password{Enter}');
    expect(own.getByRole('alert')).toHaveTextContent(refusal.detail);
    backend[`POST ${address}`] = { status: 204 };
    await user.keyboard('{Enter}');
    expect(sent('POST', address)).toEqual(Array(2).fill({ current: 'old', new: 'a new password' }));
    expect(screen.getByText(t('settings.password.changed'))).toBeVisible();
    expect(own.getByLabelText(t('settings.password.current'))).toHaveValue('');
  });

  it('keeps the theme on this device', async () => {
    const user = await open('/settings');
    await user.click(screen.getByRole('radio', { name: t('settings.themes.dark') }));
    expect(document.documentElement.style.colorScheme).toBe('dark');
    expect(localStorage.getItem('alarm-panel-theme')).toBe('dark');
    await user.click(screen.getByRole('radio', { name: t('settings.themes.auto') }));
    expect(document.documentElement.style.colorScheme).toBe('');
  });

  it('is all that residents can set', async () => {
    backend['/api/session/'] = { body: aSession(ben) };
    await open('/settings');
    expect(screen.getByRole('region', { name: t('settings.password.title') })).toBeVisible();
    expect(screen.queryByRole('region', { name: t('settings.timing.title') })).not.toBeInTheDocument();
    expect(screen.queryByRole('region', { name: t('settings.mqtt.title') })).not.toBeInTheDocument();
    expect(requests('GET', '/api/integrations/mqtt/')).toHaveLength(0);
  });
});
