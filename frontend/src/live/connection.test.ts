import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { anAlarm, aSensor, FakeSocket, installFakeSocket } from '../testing/fakes';
import { LiveConnection, retryDelay, timing } from './connection';

const listener = { onSnapshot: vi.fn(), onChange: vi.fn(), onStatus: vi.fn(), onSessionEnd: vi.fn() };
const { onSnapshot, onChange, onStatus, onSessionEnd } = listener;
let connection: LiveConnection;

const socket = () => FakeSocket.latest;
const hear = (sequence: number) => {
  socket().receive({ type: 'change', sequence, topic: 'sensor', data: aSensor({ id: sequence }) });
};
const applied = () => onChange.mock.calls.map(([change]: { sequence: number }[]) => change?.sequence);

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(1);
  for (const listen of Object.values(listener)) listen.mockReset();
  installFakeSocket({ answersPings: false });
  connection = new LiveConnection('ws://panel/ws/alarm/', listener);
  connection.start();
});

afterEach(() => {
  connection.stop();
});

describe('a connection', () => {
  it('is live after the server’s snapshot, not before', () => {
    hear(1);
    socket().receive({ type: 'pong' });
    expect(onStatus).not.toHaveBeenCalled();
    expect(onChange).not.toHaveBeenCalled();

    socket().receiveSnapshot(anAlarm({ sequence: 4 }));
    expect(onSnapshot).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ sequence: 4 }));
    expect(onStatus).toHaveBeenCalledExactlyOnceWith('live');
  });

  it('closes when the server accepts it and sends nothing', () => {
    vi.advanceTimersByTime(timing.snapshotTimeout);
    expect(onStatus).toHaveBeenLastCalledWith('offline');
    expect(socket().closed).toBe(true);
  });

  it('ignores invalid messages and unknown topics', () => {
    socket().receiveSnapshot(anAlarm());
    socket().onmessage?.({ data: 'not JSON' });
    socket().onmessage?.({ data: 'null' });
    socket().receive({ type: 'news' });
    socket().receive({ type: 'change', sequence: 2, topic: 'weather', data: 'fine' });
    hear(3);
    expect(onStatus).toHaveBeenLastCalledWith('live');
    expect(applied()).toEqual([2, 3]);
  });

  it('is offline after a state that the page does not know', () => {
    socket().receiveSnapshot(anAlarm());
    socket().receive({ type: 'change', sequence: 2, topic: 'alarm', data: { ...anAlarm(), state: 'on_fire' } });
    expect(onStatus).toHaveBeenLastCalledWith('offline');
  });

  it('answers the server’s pings', () => {
    socket().receiveSnapshot(anAlarm());
    socket().receive({ type: 'ping' });
    expect(socket().sent).toEqual([{ type: 'pong' }]);
  });

  it('reports the end of a session, and reconnects after any other close', () => {
    socket().receiveSnapshot(anAlarm());
    socket().disconnect(1013);
    expect(onSessionEnd).not.toHaveBeenCalled();
    vi.advanceTimersByTime(timing.firstRetry);
    expect(FakeSocket.all).toHaveLength(2);
    socket().disconnect(4401);
    expect(onSessionEnd).toHaveBeenCalledOnce();
  });
});

describe('changes', () => {
  beforeEach(() => {
    socket().receiveSnapshot(anAlarm({ sequence: 10 }));
  });

  it('are applied in order, each once', () => {
    for (const sequence of [9, 10, 11, 11, 12]) hear(sequence);
    expect(applied()).toEqual([11, 12]);
  });

  it('that are missing are requested once, and applied before later ones', () => {
    for (const sequence of [11, 14, 15]) hear(sequence);
    expect(socket().sent).toEqual([{ type: 'resume', since: 11 }]);
    expect(applied()).toEqual([11]);
    for (const sequence of [12, 13, 14]) hear(sequence);
    socket().receive({ type: 'resumed', sequence: 14 });
    expect(applied()).toEqual([11, 12, 13, 14, 15]);
    expect(onStatus).toHaveBeenCalledTimes(1);
  });

  it('that the server does not send again are skipped', () => {
    hear(13);
    hear(12);
    socket().receive({ type: 'resumed', sequence: 13 });
    hear(14);
    expect(applied()).toEqual([12, 13, 14]);
  });

  it('are replaced by a snapshot when the server cannot fill the gap', () => {
    hear(5000);
    socket().receiveSnapshot(anAlarm({ sequence: 4999 }));
    expect(onSnapshot).toHaveBeenCalledTimes(2);
    expect(applied()).toEqual([5000]);
  });

  it('are requested at most once a second', () => {
    hear(12);
    socket().receive({ type: 'resumed', sequence: 10 });
    vi.advanceTimersByTime(timing.resumeGap - 1);
    expect(socket().sent).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(socket().sent).toHaveLength(2);
  });

  it('that are requested and do not arrive end the connection', () => {
    hear(12);
    for (let second = 0; second < 8; second++) {
      socket().receive({ type: 'ping' });
      vi.advanceTimersByTime(1000);
    }
    expect(onStatus).toHaveBeenLastCalledWith('offline');
  });
});

describe('reconnecting', () => {
  it('doubles the wait after each failure, up to a limit', () => {
    const waits = [1, 2, 4, 8, 16, 30, 30].map((seconds) => seconds * 1000);
    for (const [failures, wait] of waits.entries()) {
      socket().disconnect();
      expect(onStatus).toHaveBeenLastCalledWith('offline');
      vi.advanceTimersByTime(wait - 1);
      expect(FakeSocket.all).toHaveLength(failures + 1);
      vi.advanceTimersByTime(1);
      expect(FakeSocket.all).toHaveLength(failures + 2);
    }
  });

  it('resets the wait after a success', () => {
    socket().disconnect();
    vi.advanceTimersByTime(1000);
    socket().disconnect();
    vi.advanceTimersByTime(2000);
    socket().receiveSnapshot(anAlarm());
    socket().disconnect();
    vi.advanceTimersByTime(1000);
    expect(FakeSocket.all).toHaveLength(4);
  });

  it('adds jitter of half the wait', () => {
    expect(retryDelay(2, 0)).toBe(2000);
    expect(retryDelay(2, 0.5)).toBe(3000);
    expect(retryDelay(2, 1)).toBe(4000);
  });

  it('connects at once when the network is back', () => {
    socket().disconnect();
    window.dispatchEvent(new Event('online'));
    expect(FakeSocket.all).toHaveLength(2);
  });

  it('stops after stop()', () => {
    socket().disconnect();
    connection.stop();
    window.dispatchEvent(new Event('online'));
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });
});

describe('a dead socket', () => {
  beforeEach(() => {
    socket().receiveSnapshot(anAlarm({ sequence: 7 }));
  });

  it('is detected within 8 s by an unanswered ping, and replaced', () => {
    const dead = socket();
    vi.advanceTimersByTime(8_000);
    expect(dead.sent).toEqual([{ type: 'ping' }]);
    expect(dead.closed).toBe(true);
    expect(onStatus).toHaveBeenLastCalledWith('offline');
    expect(socket()).not.toBe(dead);
  });

  it('is not assumed while the server answers, and every 15 s the page asks for what it missed', () => {
    for (let round = 0; round < 10; round++) {
      vi.advanceTimersByTime(timing.pingInterval);
      const [last] = socket().sent.slice(-1);
      const isResume = (last as { type: string }).type === 'resume';
      expect(isResume).toBe(round % 5 === 4);
      socket().receive(isResume ? { type: 'resumed', sequence: 7 } : { type: 'pong' });
    }
    expect(socket().sent).toHaveLength(10);
    expect(FakeSocket.all).toHaveLength(1);
    expect(onStatus).toHaveBeenLastCalledWith('live');
  });

  it('is detected by an unanswered resume as well', () => {
    vi.advanceTimersByTime(timing.pingInterval);
    for (let round = 0; round < 4; round++) {
      socket().receive({ type: 'pong' });
      vi.advanceTimersByTime(timing.pingInterval);
    }
    expect(socket().sent.slice(-1)).toEqual([{ type: 'resume', since: 7 }]);
    vi.advanceTimersByTime(timing.resumeTimeout);
    expect(onStatus).toHaveBeenLastCalledWith('offline');
  });

  it('is replaced at once after a long sleep of the machine', () => {
    // During sleep, the clock continues and timers do not.
    vi.setSystemTime(Date.now() + 3_600_000);
    document.dispatchEvent(new Event('visibilitychange'));
    expect(onStatus).toHaveBeenLastCalledWith('offline');
    expect(FakeSocket.all).toHaveLength(2);
  });
});
