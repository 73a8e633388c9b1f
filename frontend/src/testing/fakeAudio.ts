/** A fake of Web Audio, which jsdom lacks: suspended until the page was tapped, and it records what sounds. */
import { vi } from 'vitest';

export class FakeAudioContext {
  static latest: FakeAudioContext | undefined;
  /** False: as if the page had been tapped before. */
  static needsTap = true;

  state: AudioContextState = 'suspended';
  readonly sampleRate = 8000;
  readonly destination = {};
  onstatechange: (() => void) | null = null;

  constructor() {
    FakeAudioContext.latest = this;
  }

  resume = vi.fn(() => {
    if (FakeAudioContext.needsTap) return Promise.reject(new DOMException('', 'NotAllowedError'));
    this.#become('running');
    return Promise.resolve();
  });

  close(): Promise<void> {
    this.#become('closed');
    return Promise.resolve();
  }

  #become(state: AudioContextState): void {
    this.state = state;
    this.onstatechange?.();
  }
}

export class FakeSource {
  static all: FakeSource[] = [];
  /** Those that sound now. */
  static get sounding(): FakeSource[] {
    return FakeSource.all.filter(({ started, stopped }) => started && !stopped);
  }

  loop = false;
  started = false;
  stopped = false;
  readonly buffer: FakeBuffer;

  constructor(_context: unknown, { buffer }: { buffer: FakeBuffer }) {
    this.buffer = buffer;
    FakeSource.all.push(this);
  }

  connect = vi.fn();
  disconnect = vi.fn();
  start(): void {
    this.started = true;
  }
  stop(): void {
    this.stopped = true;
  }
}

class FakeBuffer {
  readonly length: number;
  constructor({ length }: { length: number }) {
    this.length = length;
  }
  copyToChannel = vi.fn();
}

class FakeGain {
  readonly gain = { value: 1 };
  connect = vi.fn();
}

export function installFakeAudio({ needsTap = false } = {}): void {
  FakeAudioContext.latest = undefined;
  FakeAudioContext.needsTap = needsTap;
  FakeSource.all = [];
  vi.stubGlobal('AudioContext', FakeAudioContext);
  vi.stubGlobal('AudioBufferSourceNode', FakeSource);
  vi.stubGlobal('AudioBuffer', FakeBuffer);
  vi.stubGlobal('GainNode', FakeGain);
}
