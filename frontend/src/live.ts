/** The WebSocket that keeps the panel current: it notices a dead connection, and comes back by itself. */
import { readAlarm, type Alarm } from './api';

/** `live` only after the server has sent its state: an open socket alone shows nothing current. */
export type LiveStatus = 'connecting' | 'live' | 'offline';

/** Milliseconds. A socket that died without a word is noticed within `pingEvery + pongWithin`. */
export const timing = {
  stateWithin: 10_000,
  pingEvery: 15_000,
  pongWithin: 8_000,
  firstRetry: 1_000,
  longestRetry: 30_000,
};

export interface LiveListener {
  /** `snapshot` marks the first state of a connection: it replaces whatever was known before. */
  onAlarm: (alarm: Alarm, snapshot: boolean) => void;
  onStatus: (status: LiveStatus) => void;
}

/** Doubles with every failure, and is spread out, so that the panels of a house do not all return in one moment. */
export function retryDelay(failures: number, random = Math.random()): number {
  const longest = Math.min(timing.longestRetry, timing.firstRetry * 2 ** failures);
  return longest * (0.5 + random / 2);
}

export class LiveConnection {
  #socket: WebSocket | null = null;
  #live = false;
  #failures = 0;
  #heardAt = 0;
  /** The one thing waited for: the first state, the next ping, its pong, or the next attempt. */
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly #url: string;
  readonly #listener: LiveListener;

  constructor(url: string, listener: LiveListener) {
    this.#url = url;
    this.#listener = listener;
  }

  start(): void {
    window.addEventListener('online', this.#wake);
    document.addEventListener('visibilitychange', this.#wake);
    this.#connect();
  }

  stop(): void {
    window.removeEventListener('online', this.#wake);
    document.removeEventListener('visibilitychange', this.#wake);
    this.#drop();
  }

  #connect(): void {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onmessage = (message) => {
      this.#hear(message.data);
    };
    socket.onclose = () => {
      this.#lose();
    };
    this.#after(timing.stateWithin, () => {
      this.#lose();
    });
  }

  #hear(data: unknown): void {
    const message = parse(data);
    if (message.type === 'state') {
      let alarm: Alarm;
      try {
        alarm = readAlarm(message);
      } catch {
        // A state that this page cannot read must not leave the one before it on show as current.
        this.#lose();
        return;
      }
      const snapshot = !this.#live;
      this.#live = true;
      this.#failures = 0;
      this.#listener.onAlarm(alarm, snapshot);
      if (snapshot) this.#listener.onStatus('live');
    }
    if (!this.#live) return;
    // Whatever was said, it was a sign of life.
    this.#heardAt = Date.now();
    this.#after(timing.pingEvery, () => {
      this.#ping();
    });
  }

  #ping(): void {
    this.#socket?.send(JSON.stringify({ type: 'ping' }));
    this.#after(timing.pongWithin, () => {
      this.#lose();
    });
  }

  #lose(): void {
    this.#drop();
    this.#listener.onStatus('offline');
    this.#after(retryDelay(this.#failures++), () => {
      this.#connect();
    });
  }

  /** Does not wait for the close event: on a dead connection it can take a minute. */
  #drop(): void {
    clearTimeout(this.#timer);
    if (this.#socket) {
      this.#socket.onmessage = this.#socket.onclose = null;
      this.#socket.close();
    }
    this.#socket = null;
    this.#live = false;
  }

  /** The page is looked at again, or the network is back: timers may have slept, so do now what they were for. */
  readonly #wake = (): void => {
    if (document.hidden) return;
    if (!this.#socket) {
      clearTimeout(this.#timer);
      this.#connect();
    } else if (this.#live) {
      const silence = Date.now() - this.#heardAt;
      if (silence <= timing.pingEvery + timing.pongWithin) {
        this.#ping();
      } else {
        this.#drop();
        this.#listener.onStatus('offline');
        this.#connect();
      }
    }
  };

  #after(delay: number, action: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, delay);
  }
}

function parse(data: unknown): { type?: unknown } {
  try {
    return (JSON.parse(String(data)) ?? {}) as { type?: unknown };
  } catch {
    return {};
  }
}
