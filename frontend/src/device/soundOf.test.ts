import { describe, expect, it } from 'vitest';
import type { Alarm } from '../api/alarm';
import { anAlarm } from '../testing/fakes';
import { soundOf } from './soundOf';

type Kind = Alarm['triggered_by'][number]['kind'];
const by = (...kinds: Kind[]) => kinds.map((kind, id) => ({ id, name: kind, kind }));
const triggered = (...kinds: Kind[]) => anAlarm({ state: 'triggered', siren: true, triggered_by: by(...kinds) });

describe('the sound of a state', () => {
  it.each(['disarmed', 'armed_home', 'armed_away', 'armed_night', 'armed_vacation'] as const)('is silence for %s', (state) => {
    expect(soundOf(anAlarm({ state }), 0, true)).toBeNull();
  });

  it('becomes faster in the last ten seconds of a delay', () => {
    expect([30, 11, 10, 0].map((left) => soundOf(anAlarm({ state: 'arming' }), left, true))).toEqual([
      'exit',
      'exit',
      'exit_ending',
      'exit_ending',
    ]);
    expect([11, 10].map((left) => soundOf(anAlarm({ state: 'pending' }), left, true))).toEqual([
      'entry',
      'entry_ending',
    ]);
  });

  it('is another one for fire, also when a burglar came first', () => {
    expect(soundOf(triggered('door'), 60, true)).toBe('burglary');
    expect(soundOf(triggered('smoke'), 60, true)).toBe('fire');
    expect(soundOf(triggered('door', 'smoke'), 60, true)).toBe('fire');
  });

  it('is silence where a person has silenced smoke that is still there', () => {
    expect(soundOf({ ...triggered('smoke'), siren: false }, 0, true)).toBeNull();
  });

  it('is the siren for an alarm without a sensor, such as a command', () => {
    expect(soundOf(triggered(), 60, true)).toBe('burglary');
  });
});

describe('without a connection', () => {
  it('a countdown is silent, as it may have been ended', () => {
    expect(soundOf(anAlarm({ state: 'pending' }), 20, false)).toBeNull();
  });

  it('a siren goes on until its end, as cutting the network must not silence it', () => {
    expect(soundOf(triggered('door'), 20, false)).toBe('burglary');
    expect(soundOf(triggered('door'), 0, false)).toBeNull();
  });
});
