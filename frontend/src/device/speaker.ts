/** Plays the tones with Web Audio. Browsers keep it silent until the page was tapped, or a key pressed, once. */
import { samplesOf, type Tone } from './tones';

/** What counts as a tap for browsers; a `pointerdown` of a finger does not. */
const GESTURES = ['pointerup', 'click', 'keydown'] as const;

export class Speaker {
  #context: AudioContext | null = null;
  #gain: GainNode | null = null;
  #repeated: { tone: Tone; source: AudioBufferSourceNode } | null = null;
  readonly #buffers = new Map<Tone, AudioBuffer>();
  readonly #listeners = new Set<() => void>();

  /** Whether sounds can be heard. False before `start`, and until the browser allows them. */
  readonly isAllowed = (): boolean => this.#context?.state === 'running';

  /** Calls `listener` when `isAllowed` has changed; returns a function that ends that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Opens the device's audio, and asks for it again at each tap until the browser allows it. */
  start(): void {
    if (this.#context) return;
    const context = new AudioContext();
    this.#context = context;
    this.#gain = new GainNode(context);
    this.#gain.connect(context.destination);
    context.onstatechange = this.#tell;
    for (const gesture of GESTURES) document.addEventListener(gesture, this.#resume, true);
    this.#resume();
  }

  stop(): void {
    this.repeat(null);
    for (const gesture of GESTURES) document.removeEventListener(gesture, this.#resume, true);
    this.#buffers.clear();
    void this.#context?.close();
    if (this.#context) this.#context.onstatechange = null;
    this.#context = this.#gain = null;
    this.#tell();
  }

  /** From 0 to 1. Loudness is perceived by the logarithm, so that the square makes an even scale. */
  set volume(volume: number) {
    if (this.#gain) this.#gain.gain.value = volume ** 2;
  }

  /** Repeats the tone until another one or null follows. */
  repeat(tone: Tone | null): void {
    if (this.#repeated?.tone === tone) return;
    this.#repeated?.source.stop();
    this.#repeated?.source.disconnect();
    const source = tone && this.#source(tone);
    this.#repeated = source ? { tone, source } : null;
    if (source) {
      source.loop = true;
      source.start();
    }
  }

  /** Plays one period of it, over what is being repeated. */
  play(tone: Tone): void {
    // Else it would wait, and sound at the first tap, much later.
    if (this.isAllowed()) this.#source(tone)?.start();
  }

  #source(tone: Tone): AudioBufferSourceNode | null {
    if (!this.#context || !this.#gain) return null;
    const buffer = this.#buffers.get(tone) ?? bufferOf(tone, this.#context);
    this.#buffers.set(tone, buffer);
    const source = new AudioBufferSourceNode(this.#context, { buffer });
    source.connect(this.#gain);
    return source;
  }

  readonly #resume = (): void => {
    // Refused until the browser allows it; the state says so.
    if (!this.isAllowed()) this.#context?.resume().catch(() => undefined);
  };

  readonly #tell = (): void => {
    for (const listener of this.#listeners) listener();
  };
}

function bufferOf(tone: Tone, { sampleRate }: AudioContext): AudioBuffer {
  const samples = samplesOf(tone, sampleRate);
  const buffer = new AudioBuffer({ length: samples.length, sampleRate });
  buffer.copyToChannel(samples, 0);
  return buffer;
}

/** The page's one speaker. */
export const speaker = new Speaker();
