import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveConnection, retryDelay, timing } from './live';
import { anAlarm, FakeSocket, installFakeSocket } from './testing/fakes';

const onAlarm = vi.fn();
const onStatus = vi.fn();
let connection: LiveConnection;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(1);
  onAlarm.mockReset();
  onStatus.mockReset();
  installFakeSocket();
  connection = new LiveConnection('ws://panel/ws/alarm/', { onAlarm, onStatus });
  connection.start();
});

afterEach(() => {
  connection.stop();
});

describe('a connection', () => {
  it('is live once the server has sent its state, and not before', () => {
    FakeSocket.latest.receive({ type: 'pong' });
    expect(onStatus).not.toHaveBeenCalled();

    const alarm = anAlarm();
    FakeSocket.latest.receiveState(alarm);
    expect(onAlarm).toHaveBeenCalledExactlyOnceWith(expect.objectContaining(alarm), true);
    expect(onStatus).toHaveBeenCalledExactlyOnceWith('live');
  });

  it('marks only the first state of each connection as a snapshot', () => {
    FakeSocket.latest.receiveState(anAlarm());
    FakeSocket.latest.receiveState(anAlarm());
    FakeSocket.latest.breakOff();
    vi.advanceTimersByTime(timing.firstRetry);
    FakeSocket.latest.receiveState(anAlarm());
    expect(onAlarm.mock.calls.map(([, snapshot]: unknown[]) => snapshot)).toEqual([true, false, true]);
  });

  it('gives up on a server that accepts it and says nothing', () => {
    vi.advanceTimersByTime(timing.stateWithin);
    expect(onStatus).toHaveBeenLastCalledWith('offline');
    expect(FakeSocket.latest.closed).toBe(true);
  });

  it('survives messages that it cannot read', () => {
    FakeSocket.latest.receiveState(anAlarm());
    FakeSocket.latest.onmessage?.({ data: 'not JSON' });
    FakeSocket.latest.onmessage?.({ data: 'null' });
    expect(onStatus).toHaveBeenLastCalledWith('live');
  });

  it('is offline when the state is one that this page does not know', () => {
    FakeSocket.latest.receiveState(anAlarm());
    FakeSocket.latest.receive({ type: 'state', ...anAlarm(), state: 'on_fire' });
    expect(onStatus).toHaveBeenLastCalledWith('offline');
  });
});

describe('reconnecting', () => {
  it('waits twice as long after every failure, up to a limit', () => {
    const waits = [1, 2, 4, 8, 16, 30, 30].map((seconds) => seconds * 1000);
    for (const [failures, wait] of waits.entries()) {
      FakeSocket.latest.breakOff();
      expect(onStatus).toHaveBeenLastCalledWith('offline');
      vi.advanceTimersByTime(wait - 1);
      expect(FakeSocket.all).toHaveLength(failures + 1);
      vi.advanceTimersByTime(1);
      expect(FakeSocket.all).toHaveLength(failures + 2);
    }
  });

  it('starts again with the shortest wait after a success', () => {
    FakeSocket.latest.breakOff();
    vi.advanceTimersByTime(1000);
    FakeSocket.latest.breakOff();
    vi.advanceTimersByTime(2000);
    FakeSocket.latest.receiveState(anAlarm());
    FakeSocket.latest.breakOff();
    vi.advanceTimersByTime(1000);
    expect(FakeSocket.all).toHaveLength(4);
  });

  it('spreads its attempts over half of the wait', () => {
    expect(retryDelay(2, 0)).toBe(2000);
    expect(retryDelay(2, 0.5)).toBe(3000);
    expect(retryDelay(2, 1)).toBe(4000);
  });

  it('does not wait when the network comes back', () => {
    FakeSocket.latest.breakOff();
    window.dispatchEvent(new Event('online'));
    expect(FakeSocket.all).toHaveLength(2);
  });

  it('ends with stop()', () => {
    FakeSocket.latest.breakOff();
    connection.stop();
    window.dispatchEvent(new Event('online'));
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });
});

describe('a dead socket', () => {
  beforeEach(() => {
    FakeSocket.latest.receiveState(anAlarm());
  });

  it('is noticed within 25 s by an unanswered ping, closed and replaced', () => {
    const dead = FakeSocket.latest;
    vi.advanceTimersByTime(25_000);
    expect(dead.sent).toEqual([{ type: 'ping' }]);
    expect(dead.closed).toBe(true);
    expect(onStatus).toHaveBeenLastCalledWith('offline');
    expect(FakeSocket.latest).not.toBe(dead);
  });

  it('is not one that answers its pings', () => {
    for (let round = 0; round < 10; round++) {
      vi.advanceTimersByTime(timing.pingEvery);
      FakeSocket.latest.receive({ type: 'pong' });
    }
    expect(FakeSocket.latest.sent).toHaveLength(10);
    expect(FakeSocket.all).toHaveLength(1);
    expect(onStatus).toHaveBeenLastCalledWith('live');
  });

  it('is replaced at once when the machine wakes from a long sleep', () => {
    // Asleep, the clock goes on and timers do not.
    vi.setSystemTime(Date.now() + 3_600_000);
    document.dispatchEvent(new Event('visibilitychange'));
    expect(onStatus).toHaveBeenLastCalledWith('offline');
    expect(FakeSocket.all).toHaveLength(2);
  });
});
