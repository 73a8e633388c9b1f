import { screen, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  anAlarm,
  FakeSocket,
  inSeconds,
  installFakeBackend,
  installFakeSocket,
  openPanel,
  pass,
  posted,
  receive,
  type Backend,
} from './testing/fakes';
import { text } from './text';

let backend: Backend;

const status = () => screen.getByRole('region', { name: text.status.label });
const events = () => screen.getByRole('region', { name: text.events.label });
const button = (name: string) => screen.getByRole('button', { name });
const countdown = () => status().querySelector('.countdown-seconds');
const pin = () => screen.getByLabelText(text.controls.pin);

beforeEach(() => {
  vi.useFakeTimers();
  installFakeSocket();
  backend = installFakeBackend([
    { id: 2, at: inSeconds(-5), from_state: 'arming', to_state: 'armed_home', cause: 'front_door' },
    { id: 1, at: '2020-02-03T04:05:06Z', from_state: 'disarmed', to_state: 'arming', cause: 'api' },
  ]);
});

describe('the state', () => {
  it('is shown in words, on the page and in its title', async () => {
    await openPanel(anAlarm({ state: 'armed_away' }));
    expect(within(status()).getByText(text.states.armed_away)).toBeVisible();
    expect(document.title).toContain(text.states.armed_away);
  });

  it('follows the socket', async () => {
    await openPanel(anAlarm({ sequence: 5 }));
    await receive(anAlarm({ state: 'triggered', sequence: 6 }));
    expect(status()).toHaveAttribute('data-state', 'triggered');
    expect(within(status()).getByRole('alert')).toHaveTextContent(text.states.triggered);
  });

  it('is not replaced by an older one that arrives late', async () => {
    await openPanel(anAlarm({ state: 'triggered', sequence: 6 }));
    await receive(anAlarm({ state: 'pending', sequence: 5 }));
    expect(status()).toHaveAttribute('data-state', 'triggered');
  });

  it('is not replaced by an older one from polling', async () => {
    await openPanel(anAlarm({ state: 'triggered', sequence: 6 }));
    backend['/api/alarm/state/'] = { body: anAlarm({ sequence: 5 }) };
    await pass(31_000);
    expect(status()).toHaveAttribute('data-state', 'triggered');
  });

  it('is asked for now and then, in case a message was lost', async () => {
    await openPanel(anAlarm());
    backend['/api/alarm/state/'] = { body: anAlarm({ state: 'armed_home', sequence: 9 }) };
    FakeSocket.latest.receive({ type: 'pong' });
    await pass(14_000);
    FakeSocket.latest.receive({ type: 'pong' });
    await pass(17_000);
    expect(status()).toHaveAttribute('data-state', 'armed_home');
  });
});

describe('the countdown', () => {
  it('counts down to the deadline', async () => {
    await openPanel(anAlarm({ state: 'arming', target: 'armed_away', deadline: inSeconds(30) }));
    expect(screen.getByText('Arming away')).toBeVisible();
    expect(countdown()).toHaveTextContent(/^30$/);
    await pass(12_000);
    expect(countdown()).toHaveTextContent(/^18$/);
  });

  it('stops at zero', async () => {
    await openPanel(anAlarm({ state: 'pending', deadline: inSeconds(3) }));
    await pass(10_000);
    expect(countdown()).toHaveTextContent(/^0$/);
  });

  it('is announced at a few moments, not every second', async () => {
    await openPanel(anAlarm({ state: 'pending', deadline: inSeconds(28) }));
    const announced = new Set<string>();
    for (let second = 0; second < 28; second++) {
      announced.add(screen.getByText(/At most/).textContent);
      await pass(1000);
      if (second === 13) FakeSocket.latest.receive({ type: 'pong' });
    }
    expect([...announced]).toEqual([30, 20, 10, 5].map(text.status.announceSeconds));
  });
});

describe('arming', () => {
  it('asks for the chosen mode and shows the answer', async () => {
    const user = await openPanel(anAlarm());
    backend['/api/alarm/arm/'] = { body: anAlarm({ state: 'arming', target: 'armed_home', sequence: 2 }) };
    await user.click(button(text.controls.armHome));
    expect(posted('/api/alarm/arm/')).toEqual([{ mode: 'home' }]);
    expect(status()).toHaveAttribute('data-state', 'arming');
  });

  it('says why it was refused', async () => {
    const user = await openPanel(anAlarm());
    backend['/api/alarm/arm/'] = { status: 409, body: { code: 'illegal_transition', detail: 'Already armed.' } };
    await user.click(button(text.controls.armAway));
    expect(screen.getByText('Already armed.')).toHaveRole('alert');
  });
});

describe('disarming', () => {
  it('takes the PIN from the pad', async () => {
    const user = await openPanel(anAlarm({ state: 'armed_home' }));
    backend['/api/alarm/disarm/'] = { body: anAlarm({ sequence: 2 }) };
    for (const key of ['1', '2', '5', text.controls.deleteDigit, '3', '4']) await user.click(button(key));
    await user.click(button(text.controls.disarm));
    expect(posted('/api/alarm/disarm/')).toEqual([{ pin: '1234' }]);
    expect(button(text.controls.armHome)).toBeEnabled();
  });

  it('takes the PIN from the keyboard, where Enter sends it', async () => {
    const user = await openPanel(anAlarm({ state: 'armed_home' }));
    backend['/api/alarm/disarm/'] = { body: anAlarm({ sequence: 2 }) };
    await user.keyboard('9{Escape}12x34{Enter}');
    expect(posted('/api/alarm/disarm/')).toEqual([{ pin: '1234' }]);
  });

  it('sends the PIN, and not one more digit, when Enter follows a click on the pad', async () => {
    const user = await openPanel(anAlarm({ state: 'armed_home' }));
    await user.click(button('1'));
    await user.keyboard('{Enter}');
    expect(posted('/api/alarm/disarm/')).toEqual([{ pin: '1' }]);
  });

  it('never shows the digits', async () => {
    const user = await openPanel(anAlarm({ state: 'armed_home' }));
    await user.keyboard('1234');
    expect(pin()).toHaveAttribute('type', 'password');
  });

  it('says when the PIN was wrong, clears it, and falls silent when the next is typed', async () => {
    const user = await openPanel(anAlarm({ state: 'armed_home' }));
    backend['/api/alarm/disarm/'] = { status: 403, body: { code: 'wrong_pin', detail: 'Wrong PIN.' } };
    await user.keyboard('1111{Enter}');
    expect(screen.getByText('Wrong PIN.')).toHaveRole('alert');
    expect(pin()).toHaveValue('');
    expect(pin()).toHaveFocus();
    await user.keyboard('1');
    expect(screen.queryByText('Wrong PIN.')).not.toBeInTheDocument();
  });

  it('is closed for as long as a lock-out lasts, and says for how long', async () => {
    const user = await openPanel(anAlarm({ state: 'armed_home' }));
    backend['/api/alarm/disarm/'] = {
      status: 429,
      body: { code: 'locked_out', detail: 'Too many attempts.' },
      headers: { 'Retry-After': '12' },
    };
    await user.keyboard('1111{Enter}');
    expect(screen.getByText('Too many attempts.')).toBeVisible();
    expect(button('1')).toBeDisabled();
    await user.keyboard('2222{Enter}');
    expect(posted('/api/alarm/disarm/')).toHaveLength(1);
    await pass(7500);
    expect(screen.getByText(text.controls.lockedFor(5))).toBeVisible();
    await pass(6000);
    expect(button('1')).toBeEnabled();
  });

  it('forgets a PIN that was left half typed', async () => {
    const user = await openPanel(anAlarm({ state: 'armed_home' }));
    await user.keyboard('12');
    await pass(31_000);
    expect(pin()).toHaveValue('');
  });
});

describe('without the socket', () => {
  it('says so, marks the state as history and refuses to arm', async () => {
    await openPanel(anAlarm());
    expect(screen.queryByText(text.connection.banner)).not.toBeInTheDocument();
    FakeSocket.latest.breakOff();
    await pass(0);
    expect(screen.getByText(text.connection.banner)).toBeVisible();
    expect(status()).toHaveAttribute('data-current', 'false');
    expect(within(status()).getByText(text.status.lastKnown)).toBeVisible();
    expect(document.title).not.toContain(text.states.disarmed);
    expect(button(text.controls.armHome)).toBeDisabled();
  });

  it('counts nothing down', async () => {
    await openPanel(anAlarm({ state: 'pending', deadline: inSeconds(30) }));
    FakeSocket.latest.breakOff();
    await pass(0);
    expect(countdown()).toBeNull();
  });

  it('still tries to disarm, and says when that failed', async () => {
    const user = await openPanel(anAlarm({ state: 'triggered' }));
    backend['/api/alarm/disarm/'] = 'unreachable';
    FakeSocket.latest.breakOff();
    await pass(0);
    await user.keyboard('1234{Enter}');
    expect(screen.getByText(text.errors.unreachable)).toHaveRole('alert');
  });

  it('takes whatever state the server has when the connection is back, even with a lower sequence', async () => {
    await openPanel(anAlarm({ state: 'armed_away', sequence: 50 }));
    FakeSocket.latest.breakOff();
    await pass(1000);
    expect(FakeSocket.all).toHaveLength(2);
    await receive(anAlarm({ state: 'disarmed', sequence: 1 }));
    expect(status()).toHaveAttribute('data-state', 'disarmed');
    expect(status()).toHaveAttribute('data-current', 'true');
    expect(screen.queryByText(text.connection.banner)).not.toBeInTheDocument();
  });

  it('connects to the page’s own origin', async () => {
    await openPanel(anAlarm());
    expect(FakeSocket.latest.url).toBe(`ws://${window.location.host}/ws/alarm/`);
  });
});

describe('the events', () => {
  it('are listed with what changed, why and when', async () => {
    await openPanel(anAlarm());
    const [first, second] = within(events()).getAllByRole('listitem');
    expect(first).toHaveTextContent(/Arming → Armed home\s*front door/);
    expect(second).toHaveTextContent(text.events.causes.api);
    expect(second?.querySelector('time')).toHaveAttribute('datetime', '2020-02-03T04:05:06Z');
  });

  it('are the last ten', async () => {
    const event = { at: inSeconds(0), from_state: 'disarmed', to_state: 'arming', cause: 'panel' };
    backend['/api/events/'] = { body: { results: Array.from({ length: 25 }, (_, id) => ({ ...event, id })) } };
    await openPanel(anAlarm());
    expect(within(events()).getAllByRole('listitem')).toHaveLength(10);
  });

  it('are loaded again when the state changes', async () => {
    await openPanel(anAlarm());
    backend['/api/events/'] = { body: { results: [] } };
    await receive(anAlarm({ state: 'arming', sequence: 2 }));
    expect(within(events()).getByText(text.events.none)).toBeVisible();
  });
});
