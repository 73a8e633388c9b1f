import { screen, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Channel, Delivery, PushBrowser } from '../../api/notifications';
import type { Output } from '../../api/outputs';
import * as push from '../../device/push';
import {
  anAlarm,
  aSession,
  ben,
  inSeconds,
  installFakeBackend,
  installFakeSocket,
  open,
  requests,
  sent,
  type Backend,
} from '../../testing/fakes';
import { t } from '../../text';

const CHANNELS = '/api/notifications/channels/';
const OUTBOX = '/api/notifications/outbox/';
const PUSH = '/api/notifications/push/';
const OUTPUTS = '/api/outputs/';

const channel: Channel = {
  id: 3,
  name: 'Ntfy',
  person: null,
  service: 'ntfy',
  host: 'ntfy.sh',
  kinds: ['alarm', 'trouble'],
  escalate_after: 300,
  enabled: true,
  last_sent_at: null,
  error: '',
};
const dead: Delivery = {
  id: 9,
  kind: 'alarm',
  title: 'Alarm!',
  body: 'Back door',
  target: { type: 'channel', id: 3, name: 'Ntfy' },
  created_at: inSeconds(-600),
  state: 'dead',
  attempts: 12,
  next_at: inSeconds(-60),
  error: 'The service refuses: 403.',
};
const phone: PushBrowser = {
  id: 5,
  device: 'Chrome on Android',
  kinds: ['alarm'],
  fingerprint: 'f00d',
  created_at: inSeconds(-86_400),
  last_sent_at: null,
  error: '',
};
const siren: Output = {
  id: 7,
  name: 'Garden siren',
  kind: 'mqtt',
  tones: ['burglary', 'fire'],
  strobe: true,
  cut_off: 180,
  enabled: true,
  method: 'GET',
  address: null,
  reported: 'off',
  reported_at: null,
  error: 'no_answer',
};

let backend: Backend;

const region = (name: string) => within(screen.getByRole('region', { name }));
const button = (name: string) => screen.getByRole('button', { name });
const pushOf = (...subscriptions: PushBrowser[]) => ({
  body: { public_key: 'key', kinds: ['alarm', 'trouble', 'arming'], subscriptions },
});

beforeEach(() => {
  vi.useFakeTimers();
  installFakeSocket();
  backend = installFakeBackend();
  backend[CHANNELS] = { body: [channel] };
  backend[OUTBOX] = { body: [] };
  backend[PUSH] = pushOf();
  backend[OUTPUTS] = { body: [siren] };
  backend['/api/notifications/settings/'] = { body: { late_arming_at: '23:00', time_zone: 'Europe/Berlin' } };
  vi.spyOn(push, 'pushAbility').mockReturnValue('able');
  vi.spyOn(push, 'ownFingerprint').mockResolvedValue(null);
});

describe('services', () => {
  it('are added with an address, kinds and an escalation in minutes', async () => {
    const user = await open('/alerts');
    await user.click(button(t('alerts.channels.add')));
    await user.type(screen.getByLabelText(t('alerts.name')), 'Mail');
    await user.type(screen.getByLabelText(t('alerts.channels.url')), 'mailtos://a:b@example.org');
    await user.type(screen.getByLabelText(t('alerts.channels.escalate')), '5');
    await user.click(screen.getByRole('checkbox', { name: t('alerts.kinds.trouble') }));
    backend[`POST ${CHANNELS}`] = { status: 201, body: { ...channel, id: 4, name: 'Mail' } };
    await user.click(button(t('actions.add')));
    expect(sent('POST', CHANNELS)).toEqual([
      {
        name: 'Mail',
        url: 'mailtos://a:b@example.org',
        kinds: ['alarm', 'duress'],
        person: null,
        escalate_after: 300,
        enabled: true,
      },
    ]);
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });

  it('keep their address when they are changed without one', async () => {
    const user = await open('/alerts');
    await user.click(button(t('actions.more', { name: 'Ntfy' })));
    await user.click(screen.getByRole('menuitem', { name: t('actions.edit') }));
    backend[`PATCH ${CHANNELS}3/`] = { body: channel };
    await user.click(button(t('actions.save')));
    expect(sent('PATCH', `${CHANNELS}3/`)).toEqual([
      { name: 'Ntfy', kinds: ['alarm', 'trouble'], person: null, escalate_after: 300, enabled: true },
    ]);
  });

  it('show why a test failed', async () => {
    const user = await open('/alerts');
    backend[`POST ${CHANNELS}3/test/`] = { body: { ok: false, detail: 'The service does not answer.' } };
    await user.click(button(t('actions.more', { name: 'Ntfy' })));
    await user.click(screen.getByRole('menuitem', { name: t('alerts.test') }));
    expect(screen.getByText('The service does not answer.')).toBeVisible();
  });

  it('cannot be weakened while the alarm is armed', async () => {
    const user = await open('/alerts', { alarm: anAlarm({ state: 'armed_away' }) });
    expect(button(t('alerts.outputs.testName', { name: 'Garden siren' }))).toBeDisabled();
    await user.click(button(t('actions.more', { name: 'Ntfy' })));
    expect(screen.queryByRole('menuitem', { name: t('actions.delete') })).not.toBeInTheDocument();
  });
});

describe('what was not delivered', () => {
  it('is tried again or dismissed', async () => {
    backend[OUTBOX] = { body: [dead] };
    const user = await open('/alerts');
    const name = 'Alarm!, Ntfy';
    expect(region(t('alerts.undelivered.title')).getByText('The service refuses: 403.')).toBeVisible();
    backend[`POST ${OUTBOX}9/retry/`] = { status: 204 };
    await user.click(button(t('alerts.undelivered.retryName', { name })));
    expect(requests('POST', `${OUTBOX}9/retry/`)).toHaveLength(1);
    backend[`DELETE ${OUTBOX}9/`] = { status: 204 };
    backend[OUTBOX] = { body: [] };
    await user.click(button(t('alerts.undelivered.dismissName', { name })));
    expect(screen.getByText(t('alerts.undelivered.none'))).toBeVisible();
  });
});

describe('this device', () => {
  it('says plainly that notifications need HTTPS', async () => {
    vi.mocked(push.pushAbility).mockReturnValue('insecure');
    await open('/alerts');
    expect(screen.getByText(t('alerts.push.insecure'))).toBeVisible();
    expect(screen.queryByRole('button', { name: t('alerts.push.turnOn') })).not.toBeInTheDocument();
  });

  it('is notified of the chosen kinds', async () => {
    const subscription = { endpoint: 'https://push.example/1', keys: { p256dh: 'p', auth: 'a' } };
    vi.spyOn(push, 'subscribe').mockResolvedValue(subscription);
    const user = await open('/alerts');
    backend[`POST ${PUSH}`] = { status: 201, body: phone };
    await user.click(button(t('alerts.push.turnOn')));
    expect(push.subscribe).toHaveBeenCalledWith('key', false);
    expect(sent('POST', PUSH)).toEqual([{ ...subscription, kinds: ['alarm', 'trouble'] }]);
  });

  it('says so when the browser refuses', async () => {
    vi.spyOn(push, 'subscribe').mockRejectedValue(new DOMException('', 'NotAllowedError'));
    const user = await open('/alerts');
    await user.click(button(t('alerts.push.turnOn')));
    expect(screen.getByText(t('errors.push_refused'))).toBeVisible();
    expect(sent('POST', PUSH)).toEqual([]);
  });

  it('is told apart from the others, and ended in the browser, too', async () => {
    vi.mocked(push.ownFingerprint).mockResolvedValue('f00d');
    const end = vi.spyOn(push, 'unsubscribe').mockResolvedValue();
    backend[PUSH] = pushOf(phone, { ...phone, id: 6, device: 'Firefox', fingerprint: 'beef' });
    const user = await open('/alerts');
    expect(screen.getByText(t('alerts.push.this'))).toBeVisible();
    backend[`DELETE ${PUSH}6/`] = { status: 204 };
    await user.click(button(t('alerts.push.turnOffName', { name: 'Firefox' })));
    expect(end).not.toHaveBeenCalled();
    backend[`DELETE ${PUSH}5/`] = { status: 204 };
    await user.click(button(t('alerts.push.turnOffName', { name: phone.device })));
    expect(end).toHaveBeenCalledOnce();
  });

  it('is all that a resident sees', async () => {
    backend['/api/session/'] = { body: aSession(ben) };
    await open('/alerts');
    expect(screen.getByRole('region', { name: t('alerts.push.title') })).toBeVisible();
    for (const path of [CHANNELS, OUTBOX, OUTPUTS]) expect(requests('GET', path)).toEqual([]);
  });
});

describe('a siren', () => {
  it('shows what it reported, and is tested', async () => {
    const user = await open('/alerts');
    expect(region(t('alerts.outputs.title')).getByText(t('outputs.faults.no_answer'))).toBeVisible();
    backend[`POST ${OUTPUTS}7/test/`] = { status: 202, body: siren };
    await user.click(button(t('alerts.outputs.testName', { name: 'Garden siren' })));
    expect(requests('POST', `${OUTPUTS}7/test/`)).toHaveLength(1);
  });

  it('gets its login shown once when it is added', async () => {
    const user = await open('/alerts');
    await user.click(button(t('alerts.outputs.add')));
    await user.type(screen.getByLabelText(t('alerts.name')), 'Hall');
    const mqtt = {
      username: 'output-8',
      password: 'secret',
      set_topic: 'alarm/output/8/set',
      state_topic: 'alarm/output/8/state',
      availability_topic: 'alarm/output/8/availability',
    };
    backend[`POST ${OUTPUTS}`] = { status: 201, body: { ...siren, id: 8, name: 'Hall', mqtt } };
    await user.click(button(t('actions.add')));
    expect(sent('POST', OUTPUTS)).toEqual([
      { name: 'Hall', kind: 'mqtt', tones: ['burglary', 'fire', 'panic'], cut_off: 180, enabled: true, strobe: false },
    ]);
    const dialog = within(screen.getByRole('dialog', { name: t('alerts.outputs.login.title', { name: 'Hall' }) }));
    for (const value of Object.values(mqtt)) expect(dialog.getByText(value)).toBeVisible();
  });
});
