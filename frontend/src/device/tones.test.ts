import { describe, expect, it } from 'vitest';
import { samplesOf, tones, type Tone } from './tones';

const RATE = 8000;

const at = (tone: Tone, from: number, to: number) => samplesOf(tone, RATE).slice(from * RATE, to * RATE);
const isSilent = (samples: Float32Array) => samples.every((sample) => Math.abs(sample) < 1e-6);

describe.each(tones)('the sound "%s"', (tone) => {
  const samples = samplesOf(tone, RATE);

  it('is loud enough and is not clipped', () => {
    const loudest = Math.max(...samples.map(Math.abs));
    expect(loudest).toBeGreaterThan(0.3);
    expect(loudest).toBeLessThanOrEqual(1);
  });

  it('begins and ends without a click, so that it can be repeated', () => {
    expect(Math.abs(samples[0] ?? 1)).toBeLessThan(0.05);
    expect(Math.abs(samples.at(-1) ?? 1)).toBeLessThan(0.05);
  });

  it('differs from every other one', () => {
    for (const other of tones.filter((each) => each !== tone)) {
      expect(samplesOf(other, RATE)).not.toEqual(samples);
    }
  });
});

it('tells of fire with three pulses and a pause, as smoke detectors do', () => {
  const pulses = Array.from({ length: 8 }, (_, half) => isSilent(at('fire', half / 2, half / 2 + 0.5)));
  expect(pulses).toEqual([false, true, false, true, false, true, true, true]);
});

it('tells of a burglar without a pause', () => {
  for (let part = 0; part < 8; part++) expect(isSilent(at('burglary', part / 10, (part + 1) / 10))).toBe(false);
});
