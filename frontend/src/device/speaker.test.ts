import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeAudioContext, FakeSource, installFakeAudio } from '../testing/fakeAudio';
import { Speaker } from './speaker';

const tap = () => document.dispatchEvent(new Event('pointerup'));

let speaker: Speaker;

const started = (options = {}) => {
  installFakeAudio(options);
  speaker = new Speaker();
  speaker.start();
};

describe('a speaker that may sound', () => {
  beforeEach(() => started());

  it('repeats one sound at a time, without a timer', () => {
    vi.useFakeTimers();
    speaker.repeat('entry');
    speaker.repeat('entry');
    expect(FakeSource.all).toHaveLength(1);
    expect(FakeSource.sounding[0]?.loop).toBe(true);
    speaker.repeat('burglary');
    expect(FakeSource.sounding).toEqual([FakeSource.all[1]]);
    speaker.repeat(null);
    expect(FakeSource.sounding).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('plays a chime over it, once', () => {
    speaker.repeat('exit');
    speaker.play('chime');
    expect(FakeSource.sounding.map(({ loop }) => loop)).toEqual([true, false]);
  });

  it('is silent after it was stopped, and gives the device back', () => {
    speaker.repeat('burglary');
    speaker.stop();
    speaker.repeat('burglary');
    expect(FakeSource.sounding).toEqual([]);
    expect(FakeAudioContext.latest?.state).toBe('closed');
  });
});

describe('a speaker that waits for a tap', () => {
  beforeEach(() => started({ needsTap: true }));

  it('asks at each tap until the browser allows it, then says so', () => {
    const listener = vi.fn();
    speaker.subscribe(listener);
    tap();
    expect(speaker.isAllowed()).toBe(false);
    FakeAudioContext.needsTap = false;
    tap();
    expect(speaker.isAllowed()).toBe(true);
    expect(listener).toHaveBeenCalled();
    const asked = FakeAudioContext.latest?.resume.mock.calls.length;
    tap();
    expect(FakeAudioContext.latest?.resume.mock.calls.length).toBe(asked);
  });

  it('does not keep a chime for later', () => {
    speaker.play('chime');
    expect(FakeSource.all).toEqual([]);
  });

  it('does not ask any more after it was stopped', () => {
    const context = FakeAudioContext.latest;
    speaker.stop();
    context?.resume.mockClear();
    tap();
    expect(context?.resume).not.toHaveBeenCalled();
  });
});
