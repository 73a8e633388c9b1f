/** The WebSocket that keeps the panel current: it notices a dead connection, and comes back by itself. */
import { readMessage, type Change, type Message, type OwnMessage, type Snapshot } from './messages';
import { ChangeOrder } from './order';

/** `live` only after the server has sent its snapshot: an open socket alone shows nothing current. */
export type LiveStatus = 'connecting' | 'live' | 'offline';

/** Milliseconds. A socket that died without a word is noticed within `askEvery + answerWithin`. */
export const timing = {
  snapshotWithin: 10_000,
  askEvery: 15_000,
  answerWithin: 8_000,
  // The server closes the socket of who asks more often.
  askApart: 1_000,
  firstRetry: 1_000,
  longestRetry: 30_000,
};

const SESSION_ENDED = 4401;

export interface LiveListener {
  /** Replaces whatever was known before. */
  onSnapshot: (snapshot: Snapshot) => void;
  onChange: (change: Change) => void;
  onStatus: (status: LiveStatus) => void;
  onSessionEnd: () => void;
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
  /** The one thing waited for: the snapshot, the next question, its answer, or the next attempt. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking = false;
  #askedAt = 0;

  readonly #url: string;
  readonly #listener: LiveListener;
  readonly #order: ChangeOrder;

  constructor(url: string, listener: LiveListener) {
    this.#url = url;
    this.#listener = listener;
    this.#order = new ChangeOrder(listener.onChange, () => {
      this.#ask();
    });
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
    socket.onclose = ({ code }) => {
      this.#lose();
      if (code === SESSION_ENDED) this.#listener.onSessionEnd();
    };
    this.#after(timing.snapshotWithin, () => {
      this.#lose();
    });
  }

  #hear(data: unknown): void {
    let message: Message | null;
    try {
      message = readMessage(data);
    } catch {
      // News that this page cannot read must not leave the old on show as current.
      this.#lose();
      return;
    }
    if (message?.type === 'ping') this.#send({ type: 'pong' });
    if (message?.type === 'snapshot') this.#accept(message);
    if (!this.#live) return;
    if (message?.type === 'change') this.#order.take(message);
    if (message?.type === 'resumed') {
      this.#asking = false;
      this.#order.resumed(message.sequence);
    }
    // Whatever was said, it was a sign of life; but only its answer ends the wait for an answer.
    this.#heardAt = Date.now();
    if (!this.#asking) this.#askLater();
  }

  #accept(snapshot: Snapshot): void {
    const wasLive = this.#live;
    this.#live = true;
    this.#asking = false;
    this.#failures = 0;
    this.#listener.onSnapshot(snapshot);
    this.#order.snapshot(snapshot.sequence);
    if (!wasLive) this.#listener.onStatus('live');
  }

  /** Asks for what was missed. The answer also shows that the connection is alive and that nothing was lost on it. */
  #ask(): void {
    if (this.#asking) return;
    this.#asking = true;
    const pause = this.#askedAt + timing.askApart - Date.now();
    const send = () => {
      this.#askedAt = Date.now();
      this.#send({ type: 'resume', since: this.#order.last });
      this.#after(timing.answerWithin, () => {
        this.#lose();
      });
    };
    if (pause > 0) this.#after(pause, send);
    else send();
  }

  #askLater(): void {
    this.#after(timing.askEvery, () => {
      this.#ask();
    });
  }

  #send(message: OwnMessage): void {
    this.#socket?.send(JSON.stringify(message));
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
    this.#live = this.#asking = false;
  }

  /** The page is looked at again, or the network is back: timers may have slept, so do now what they were for. */
  readonly #wake = (): void => {
    if (document.hidden) return;
    if (!this.#socket) {
      clearTimeout(this.#timer);
      this.#connect();
    } else if (this.#live) {
      const silence = Date.now() - this.#heardAt;
      if (silence <= timing.askEvery + timing.answerWithin) {
        this.#ask();
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
