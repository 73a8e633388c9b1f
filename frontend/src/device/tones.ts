/** The sounds as samples. The speaker repeats one period for as long as it lasts, so that no timer is needed. */

export const tones = [
  'exit',
  'exit_ending',
  'entry',
  'entry_ending',
  'burglary',
  'fire',
  'carbon_monoxide',
  'chime',
] as const;
export type Tone = (typeof tones)[number];

/** In seconds and hertz. With `to`, the pitch glides there. */
interface Note {
  at: number;
  seconds: number;
  from: number;
  to?: number;
  /** 0 to 1. */
  level: number;
  /** Fades from the beginning, as a bell does. */
  bell?: boolean;
}

interface Score {
  period: number;
  notes: Note[];
}

const beeps = (period: number, level: number, ...pitches: number[]): Score => ({
  period,
  notes: pitches.map((from, index) => ({ at: index * 0.12, seconds: 0.1, from, level })),
});

const pulses = (count: number, seconds: number, pause: number): Score => ({
  period: count * 2 * seconds + pause,
  notes: Array.from({ length: count }, (_, index) => ({ at: index * 2 * seconds, seconds, from: 3100, level: 1 })),
});

const scores: Record<Tone, Score> = {
  exit: beeps(1, 0.35, 880),
  exit_ending: beeps(0.5, 0.35, 1175),
  entry: beeps(1, 0.6, 988, 1319),
  entry_ending: beeps(0.5, 0.7, 988, 1319),
  burglary: {
    period: 0.8,
    notes: [
      { at: 0, seconds: 0.4, from: 700, to: 1500, level: 1 },
      { at: 0.4, seconds: 0.4, from: 1500, to: 700, level: 1 },
    ],
  },
  // Smoke detectors say "leave the house" with three pulses (temporal-three, ISO 8201), those of carbon monoxide
  // "go into the fresh air" with four short ones (temporal-four, NFPA 72).
  fire: pulses(3, 0.5, 1),
  carbon_monoxide: pulses(4, 0.1, 4.2),
  chime: {
    period: 1.6,
    notes: [
      { at: 0, seconds: 0.8, from: 659, level: 0.6, bell: true },
      { at: 0.4, seconds: 1.2, from: 523, level: 0.6, bell: true },
    ],
  },
};

/** Without it, a tone that begins or ends at once clicks. */
const EDGE_SECONDS = 0.005;

/** One period of the sound, at so many samples a second, from -1 to 1. */
export function samplesOf(tone: Tone, rate: number): Float32Array<ArrayBuffer> {
  const { period, notes } = scores[tone];
  const samples = new Float32Array(Math.round(period * rate));
  for (const note of notes) add(note, samples, rate);
  return samples;
}

function add({ at, seconds, from, to = from, level, bell = false }: Note, samples: Float32Array, rate: number): void {
  const first = Math.round(at * rate);
  const count = Math.min(Math.round(seconds * rate), samples.length - first);
  let phase = 0;
  for (let index = 0; index < count; index++) {
    const time = index / rate;
    phase += (2 * Math.PI * (from + (to - from) * (index / count))) / rate;
    const edge = Math.min(1, time / EDGE_SECONDS, (seconds - time) / EDGE_SECONDS);
    const fade = bell ? Math.exp((-5 * time) / seconds) : 1;
    // A clipped sine has overtones, which small loudspeakers play louder than the tone itself.
    const wave = bell ? Math.sin(phase) : Math.tanh(2.5 * Math.sin(phase));
    samples[first + index] = (samples[first + index] ?? 0) + level * edge * fade * wave;
  }
}
