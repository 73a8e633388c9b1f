import { screen, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  anAlarm,
  anEvent,
  aSensor,
  disconnect,
  change,
  FakeSocket,
  inSeconds,
  installFakeBackend,
  installFakeSocket,
  nextAlarm,
  notReady,
  open,
  advance,
  sent,
  snapshot,
  type Backend,
} from '../testing/fakes';
import { t } from '../text';

let backend: Backend;

const status = () => screen.getByRole('region', { name: t('panel.stateLabel') });
const button = (name: string | RegExp) => screen.getByRole('button', { name });
const armHome = () => button(new RegExp(t('panel.arm.home')));
const countdown = () => status().querySelector('.countdown-seconds');
const pin = () => screen.getByLabelText(t('panel.pin'));

const ARM = '/api/alarm/arm/';
const DISARM = '/api/alarm/disarm/';

beforeEach(() => {
  vi.useFakeTimers();
  installFakeSocket();
  backend = installFakeBackend();
});

describe('the state', () => {
  it('is shown in words on the page and in its title', async () => {
    await open('/', { alarm: anAlarm({ state: 'armed_away' }) });
    expect(within(status()).getByText(t('alarm.states.armed_away'))).toBeVisible();
    expect(document.title).toContain(t('alarm.states.armed_away'));
  });

  it('follows the socket, names the trigger, and is announced', async () => {
    await open('/', { alarm: anAlarm({ sequence: 5 }) });
    const triggered_by = [{ id: 1, name: 'Back door', kind: 'door' as const }];
    await nextAlarm(anAlarm({ state: 'triggered', triggered_by, sequence: 6 }));
    expect(status()).toHaveAttribute('data-state', 'triggered');
    expect(within(status()).getByText('Back door')).toBeVisible();
    expect(screen.getByText(/Triggered by Back door/)).toHaveRole('alert');
  });

  it('is not replaced by an older answer', async () => {
    const user = await open('/', { alarm: anAlarm({ sequence: 5 }) });
    backend[ARM] = { body: anAlarm({ state: 'arming', sequence: 6 }), after: 1000 };
    await user.click(armHome());
    await nextAlarm(anAlarm({ state: 'arming', sequence: 6 }));
    await nextAlarm(anAlarm({ state: 'triggered', sequence: 7 }));
    await advance(1500);
    expect(status()).toHaveAttribute('data-state', 'triggered');
    expect(screen.queryByText(t('panel.sending'))).not.toBeInTheDocument();
  });

  it('is polled over HTTP without the socket', async () => {
    await open('/');
    await disconnect();
    backend['/api/alarm/state/'] = { body: anAlarm({ state: 'armed_night', sequence: 9 }) };
    await advance(31_000);
    expect(status()).toHaveAttribute('data-state', 'armed_night');
    expect(status()).toHaveAttribute('data-current', 'false');
  });
});

describe('the countdown', () => {
  it('counts down to the deadline', async () => {
    await open('/', { alarm: anAlarm({ state: 'arming', target: 'armed_away', deadline: inSeconds(30) }) });
    expect(within(status()).getByText('Arming away')).toBeVisible();
    expect(countdown()).toHaveTextContent(/^30$/);
    await advance(12_000);
    expect(countdown()).toHaveTextContent(/^18$/);
  });

  it('stops at zero', async () => {
    await open('/', { alarm: anAlarm({ state: 'pending', deadline: inSeconds(3) }) });
    await advance(10_000);
    expect(countdown()).toHaveTextContent(/^0$/);
  });

  it('is announced every ten seconds, not every second', async () => {
    await open('/', { alarm: anAlarm({ state: 'pending', deadline: inSeconds(28) }) });
    const announced = new Set<string>();
    for (let second = 0; second < 28; second++) {
      announced.add(screen.getByText(/At most/).textContent);
      await advance(1000);
      if (second % 10 === 9) FakeSocket.latest.receive({ type: 'resumed', sequence: 1 });
    }
    expect([...announced]).toEqual([30, 20, 10, 5].map((count) => t('alarm.announceSeconds', { count })));
  });
});

describe('arming', () => {
  it('requests the chosen mode and shows the answer', async () => {
    const user = await open('/');
    backend[ARM] = { body: anAlarm({ state: 'arming', target: 'armed_home', sequence: 2 }) };
    await user.click(armHome());
    expect(sent('POST', ARM)).toEqual([{ mode: 'home', bypass: [] }]);
    expect(status()).toHaveAttribute('data-state', 'arming');
  });

  it('shows why it was refused', async () => {
    const user = await open('/');
    backend[ARM] = { status: 409, body: { code: 'illegal_transition', detail: 'Already armed.' } };
    await user.click(button(new RegExp(t('panel.arm.away'))));
    expect(screen.getByText('Already armed.')).toHaveRole('alert');
  });

  describe('while a door is open', () => {
    const door = { id: 3, name: 'Back door', reasons: ['open' as const] };
    const alarm = anAlarm({ not_ready: notReady({ away: [door] }) });
    const sensors = [aSensor({ id: 3, active: true })];
    const armAway = () => button(new RegExp(t('panel.arm.away')));
    const without = () => button(t('panel.bypassConfirmation.armOne.away'));

    it('bypasses the door after a confirmation', async () => {
      const user = await open('/', { alarm, sensors });
      expect(armAway()).toHaveTextContent('Back door: open');
      await user.click(armAway());
      expect(sent('POST', ARM)).toEqual([]);
      expect(within(screen.getByRole('group')).getByText('Back door: open')).toBeVisible();
      expect(screen.getByRole('heading', { name: t('panel.bypassConfirmation.title') })).toHaveFocus();
      backend[ARM] = { body: anAlarm({ state: 'arming', target: 'armed_away', sequence: 2 }) };
      await user.click(without());
      expect(sent('POST', ARM)).toEqual([{ mode: 'away', bypass: [3] }]);
    });

    it('needs no confirmation in a mode that does not watch the door', async () => {
      const user = await open('/', { alarm, sensors });
      backend[ARM] = { body: anAlarm({ state: 'arming', target: 'armed_home', sequence: 2 }) };
      await user.click(armHome());
      expect(sent('POST', ARM)).toEqual([{ mode: 'home', bypass: [] }]);
    });

    it('cancels the confirmation on Escape, and when the door is closed', async () => {
      const user = await open('/', { alarm, sensors });
      await user.click(armAway());
      await user.keyboard('{Escape}');
      await user.click(armAway());
      await nextAlarm(anAlarm({ sequence: 2 }));
      expect(armAway()).toHaveTextContent(t('panel.armDetail.away'));
    });

    it('needs a confirmation too when the door opens during the request', async () => {
      const user = await open('/');
      const detail = 'Not ready to arm: Back door is open.';
      backend[ARM] = { status: 409, body: { code: 'not_ready', detail, sensors: [door] } };
      await user.click(armAway());
      await nextAlarm({ ...alarm, sequence: 2 });
      expect(screen.getByText(detail)).toHaveRole('alert');
      expect(without()).toBeEnabled();
    });
  });
});

describe('a sensor in trouble', () => {
  const sensor = aSensor({ trouble: ['no_contact', 'low_battery'] });
  const alarm = anAlarm({ not_ready: notReady({ away: [{ id: 1, name: 'Back door', reasons: ['no_contact'] }] }) });

  it('is listed with its troubles, and stands in the way of arming', async () => {
    const user = await open('/', { alarm, sensors: [sensor] });
    const list = screen.getByRole('region', { name: t('panel.readiness.label') });
    expect(within(list).getByText('No contact, Low battery')).toBeVisible();
    await user.click(button(new RegExp(t('panel.arm.away'))));
    expect(within(screen.getByRole('group')).getByText('Back door: no contact')).toBeVisible();
  });

  it('is not listed once it is well', async () => {
    await open('/', { sensors: [sensor] });
    await change(2, 'sensor', aSensor());
    expect(screen.queryByText('No contact, Low battery')).not.toBeInTheDocument();
  });
});

describe('another mode while the alarm is armed', () => {
  const others = () => within(screen.getByRole('group', { name: t('panel.otherModes') }));
  const armed = anAlarm({ state: 'armed_away' });
  const night = anAlarm({ state: 'armed_night', sequence: 2 });

  it('is armed at once where nothing less is watched', async () => {
    const user = await open('/', { alarm: armed });
    expect(others().getAllByRole('button')).toHaveLength(3);
    backend[ARM] = { body: night };
    await user.click(others().getByRole('button', { name: t('alarm.modes.night') }));
    expect(sent('POST', ARM)).toEqual([{ mode: 'night', bypass: [] }]);
    expect(status()).toHaveAttribute('data-state', 'armed_night');
  });

  it('needs a PIN where less is watched', async () => {
    const user = await open('/', { alarm: armed });
    backend[ARM] = { status: 403, body: { code: 'pin_required', detail: 'This needs a PIN.' } };
    await user.click(others().getByRole('button', { name: t('alarm.modes.night') }));
    expect(screen.getByRole('region', { name: t('panel.pinToArm.night') })).toBeVisible();
    backend[ARM] = { status: 403, body: { code: 'wrong_pin', detail: 'Wrong PIN.' } };
    await user.keyboard('1111{Enter}');
    expect(screen.getByText('Wrong PIN.')).toHaveRole('alert');
    backend[ARM] = { body: night };
    await user.keyboard('1234{Enter}');
    expect(sent('POST', ARM).at(-1)).toEqual({ mode: 'night', bypass: [], pin: '1234' });
    expect(screen.getByRole('region', { name: t('panel.disarmLabel') })).toBeVisible();
  });

  it('is given up with Back', async () => {
    const user = await open('/', { alarm: armed });
    backend[ARM] = { status: 403, body: { code: 'pin_required', detail: 'This needs a PIN.' } };
    await user.click(others().getByRole('button', { name: t('alarm.modes.night') }));
    await user.click(button(t('panel.bypassConfirmation.back')));
    expect(screen.getByRole('region', { name: t('panel.disarmLabel') })).toBeVisible();
  });
});

describe('an alarm that was', () => {
  const memory = [{ id: 1, name: 'Back door', kind: 'door' as const, at: inSeconds(-600) }];
  const ACKNOWLEDGE = 'POST /api/alarm/acknowledge/';
  const card = () => within(screen.getByRole('region', { name: t('panel.memory.title') }));

  it('is shown beside the new armed state until it is acknowledged', async () => {
    const user = await open('/', { alarm: anAlarm({ state: 'armed_away', memory }) });
    expect(within(status()).getByText(t('alarm.states.armed_away'))).toBeVisible();
    expect(card().getByText('Back door')).toBeVisible();
    backend[ACKNOWLEDGE] = { body: anAlarm({ state: 'armed_away', sequence: 2 }) };
    await user.click(card().getByRole('button', { name: t('panel.memory.acknowledge') }));
    expect(sent('POST', '/api/alarm/acknowledge/')).toEqual([{}]);
    expect(screen.queryByRole('region', { name: t('panel.memory.title') })).not.toBeInTheDocument();
  });

  it('cannot be acknowledged while an entry delay runs', async () => {
    await open('/', { alarm: anAlarm({ state: 'pending', memory }) });
    expect(card().queryByRole('button')).not.toBeInTheDocument();
    expect(card().getByText(t('panel.memory.waits'))).toBeVisible();
  });

  it('is told once it has ended', async () => {
    await open('/', { alarm: anAlarm({ state: 'triggered', memory }) });
    expect(screen.queryByRole('region', { name: t('panel.memory.title') })).not.toBeInTheDocument();
    await nextAlarm(anAlarm({ state: 'disarmed', memory, sequence: 2 }));
    expect(card().getByText('Back door')).toBeVisible();
  });
});

describe('smoke after disarming', () => {
  it('is said to be there still, with the siren off', async () => {
    await open('/', { alarm: anAlarm({ state: 'triggered', siren: false }) });
    expect(within(status()).getByText(t('alarm.silenced'))).toBeVisible();
    await nextAlarm(anAlarm({ state: 'triggered', siren: true, sequence: 2 }));
    expect(within(status()).getByText(t('alarm.details.triggered'))).toBeVisible();
  });
});

describe('a worker that does not run', () => {
  it('is told on every page, and no longer once one runs', async () => {
    const worker = { ok: false, ms: 1, detail: 'No worker runs: no delay ends.' };
    const body = { status: 'unavailable', version: '1', revision: '', checks: { worker } };
    backend['/api/health/ready/'] = { status: 503, body };
    await open('/settings');
    expect(screen.getByText(t('worker.banner'))).toBeVisible();
    backend['/api/health/ready/'] = { body: { ...body, status: 'ok', checks: { worker: { ok: true, ms: 1 } } } };
    await advance(31_000);
    expect(screen.queryByText(t('worker.banner'))).not.toBeInTheDocument();
  });
});

describe('the sensors', () => {
  it('are listed when open or bypassed, and counted otherwise', async () => {
    const open_ = aSensor({ active: true });
    await open('/', { sensors: [open_, aSensor({ id: 2, name: 'Hall', kind: 'motion' })] });
    const list = screen.getByRole('region', { name: t('panel.readiness.label') });
    expect(within(list).getByText('Back door is open')).toBeVisible();
    expect(within(list).getByText(t('panel.readiness.othersQuiet', { count: 1 }))).toBeVisible();
    await change(2, 'sensor', { ...open_, active: false });
    expect(within(list).getByText(t('panel.readiness.allQuiet', { count: 2 }))).toBeVisible();
  });

  it('can be bypassed and watched again', async () => {
    const sensor = aSensor({ active: true });
    const user = await open('/', { sensors: [sensor] });
    backend['POST /api/sensors/1/bypass/'] = { body: { ...sensor, bypassed: true } };
    await user.click(button('Bypass Back door'));
    await change(2, 'sensor', { ...sensor, bypassed: true });
    await user.click(button(t('panel.readiness.unbypassName', { name: 'Back door' })));
    expect(sent('POST', '/api/sensors/1/bypass/')).toEqual([{ bypassed: true }, { bypassed: false }]);
  });

  it('cannot be bypassed while the alarm is armed, and says why', async () => {
    const alarm = anAlarm({ state: 'armed_home' });
    const user = await open('/', { alarm, sensors: [aSensor({ active: true }), aSensor({ id: 2, bypassed: true })] });
    expect(button(t('panel.readiness.bypassName', { name: 'Back door' }))).toBeDisabled();
    expect(screen.getByText(t('panel.readiness.noBypass'))).toBeVisible();
    backend['POST /api/sensors/2/bypass/'] = { body: aSensor({ id: 2 }) };
    await user.click(button(t('panel.readiness.unbypassName', { name: 'Back door' })));
    expect(sent('POST', '/api/sensors/2/bypass/')).toEqual([{ bypassed: false }]);
  });

  it('cannot be bypassed if they detect smoke', async () => {
    await open('/', { sensors: [aSensor({ kind: 'smoke', type: 'fire', active: true, name: 'Kitchen' })] });
    expect(screen.getByText('Kitchen: Smoke')).toBeVisible();
    expect(screen.queryByRole('button', { name: /Bypass/ })).not.toBeInTheDocument();
  });
});

describe('disarming', () => {
  it('takes the PIN from the pad', async () => {
    const user = await open('/', { alarm: anAlarm({ state: 'armed_home' }) });
    backend[DISARM] = { body: anAlarm({ sequence: 2 }) };
    for (const key of ['1', '2', '5', t('panel.deleteDigit'), '3', '4']) await user.click(button(key));
    await user.click(button(t('panel.disarm')));
    expect(sent('POST', DISARM)).toEqual([{ pin: '1234' }]);
    expect(armHome()).toBeEnabled();
  });

  it('takes the PIN from the keyboard and sends it on Enter', async () => {
    const user = await open('/', { alarm: anAlarm({ state: 'armed_home' }) });
    backend[DISARM] = { body: anAlarm({ sequence: 2 }) };
    await user.keyboard('9{Escape}12x34{Enter}');
    expect(sent('POST', DISARM)).toEqual([{ pin: '1234' }]);
  });

  it('sends the PIN when Enter follows a click on the pad, without another digit', async () => {
    const user = await open('/', { alarm: anAlarm({ state: 'armed_home' }) });
    await user.click(button('1'));
    await user.keyboard('{Enter}');
    expect(sent('POST', DISARM)).toEqual([{ pin: '1' }]);
  });

  it('never shows the digits', async () => {
    const user = await open('/', { alarm: anAlarm({ state: 'armed_home' }) });
    await user.keyboard('1234');
    expect(pin()).toHaveAttribute('type', 'password');
  });

  it('shows that a PIN was wrong until the next is typed, and clears it', async () => {
    const user = await open('/', { alarm: anAlarm({ state: 'armed_home' }) });
    backend[DISARM] = { status: 403, body: { code: 'wrong_pin', detail: 'Wrong PIN.' } };
    await user.keyboard('1111{Enter}');
    expect(screen.getByText('Wrong PIN.')).toHaveRole('alert');
    expect(pin()).toHaveValue('');
    expect(pin()).toHaveFocus();
    await user.keyboard('1');
    expect(screen.queryByText('Wrong PIN.')).not.toBeInTheDocument();
  });

  it('is disabled during a lockout, and shows how long it lasts', async () => {
    const user = await open('/', { alarm: anAlarm({ state: 'armed_home' }) });
    backend[DISARM] = {
      status: 429,
      body: { code: 'locked_out', detail: 'Too many attempts.' },
      headers: { 'Retry-After': '12' },
    };
    await user.keyboard('1111{Enter}');
    expect(screen.getByText('Too many attempts.')).toBeVisible();
    expect(button('1')).toBeDisabled();
    await user.keyboard('2222{Enter}');
    expect(sent('POST', DISARM)).toHaveLength(1);
    await advance(7500);
    expect(screen.getByText(t('errors.retryIn', { seconds: 5 }))).toBeVisible();
    await advance(6000);
    expect(button('1')).toBeEnabled();
  });

  it('clears a partly typed PIN after a while', async () => {
    const user = await open('/', { alarm: anAlarm({ state: 'armed_home' }) });
    await user.keyboard('12');
    await advance(31_000);
    expect(pin()).toHaveValue('');
  });
});

describe('without the socket', () => {
  it('shows it, marks the state as out of date, and disables arming', async () => {
    const sensor = aSensor({ active: true });
    await open('/', {
      alarm: anAlarm({ not_ready: notReady({ home: [{ id: 1, name: 'Back door', reasons: ['open'] }] }) }),
      sensors: [sensor],
    });
    expect(screen.queryByText(t('connection.banner'))).not.toBeInTheDocument();
    await disconnect();
    expect(screen.getByText(t('connection.banner'))).toBeVisible();
    expect(status()).toHaveAttribute('data-current', 'false');
    expect(within(status()).getByText(t('alarm.lastKnown'))).toBeVisible();
    expect(document.title).not.toContain(t('alarm.states.disarmed'));
    expect(armHome()).toBeDisabled();
    expect(armHome()).not.toHaveTextContent('not ready');
    expect(screen.getByText(t('sensors.lastKnown'))).toBeVisible();
    expect(button('Bypass Back door')).toBeDisabled();
  });

  it('shows no countdown', async () => {
    await open('/', { alarm: anAlarm({ state: 'pending', deadline: inSeconds(30) }) });
    await disconnect();
    expect(countdown()).toBeNull();
  });

  it('still sends a PIN, and shows when that failed', async () => {
    const user = await open('/', { alarm: anAlarm({ state: 'triggered' }) });
    backend[DISARM] = 'unreachable';
    await disconnect();
    await user.keyboard('1234{Enter}');
    expect(screen.getByText(t('errors.unreachable'))).toHaveRole('alert');
  });

  it('takes the server’s state after a reconnect, even with a lower sequence', async () => {
    await open('/', { alarm: anAlarm({ state: 'armed_away', sequence: 50 }) });
    await disconnect();
    await advance(1000);
    expect(FakeSocket.all).toHaveLength(2);
    await snapshot(anAlarm({ state: 'disarmed', sequence: 1 }));
    expect(status()).toHaveAttribute('data-state', 'disarmed');
    expect(status()).toHaveAttribute('data-current', 'true');
    expect(screen.queryByText(t('connection.banner'))).not.toBeInTheDocument();
  });

  it('connects to the page’s own origin', async () => {
    await open('/');
    expect(FakeSocket.latest.url).toBe(`ws://${window.location.host}/ws/alarm/`);
  });
});

describe('the events', () => {
  const events = () => screen.getByRole('region', { name: t('panel.events.label') });

  it('are listed with change, cause and time, and new ones are added', async () => {
    const first = anEvent({ at: '2020-02-03T04:05:06Z', from_state: 'disarmed', to_state: 'arming', cause: 'timer' });
    backend['/api/events/'] = { body: { results: [first], next: null } };
    await open('/');
    await change(2, 'event', anEvent({ id: 2, kind: 'login', person: { id: 1, name: 'Anna' }, detail: 'Logged in.' }));
    const [newer, older] = within(events()).getAllByRole('listitem');
    expect(newer).toHaveTextContent(/Logged in\.\s*Anna/);
    expect(older).toHaveTextContent(/Disarmed → Arming\s*Time was up/);
    expect(older?.querySelector('time')).toHaveAttribute('datetime', '2020-02-03T04:05:06Z');
  });

  it('show a duress code like any other, for administrators too', async () => {
    const results = ['duress', 'code'].map((kind, id) => anEvent({ id, kind, detail: `“${kind}” was used to disarm.` }));
    backend['/api/events/'] = { body: { results, next: null } };
    await open('/');
    const [duress, code] = within(events()).getAllByRole('listitem');
    expect(duress?.outerHTML).toBe(code?.outerHTML);
    expect(duress).toHaveTextContent(t('events.kinds.code'));
  });

  it('are limited to the last eight', async () => {
    const results = Array.from({ length: 25 }, (_, id) => anEvent({ id }));
    backend['/api/events/'] = { body: { results, next: null } };
    await open('/');
    expect(within(events()).getAllByRole('listitem')).toHaveLength(8);
  });
});
