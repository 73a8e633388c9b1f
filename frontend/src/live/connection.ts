/** The WebSocket that keeps the panel current: it notices a dead connection, and comes back by itself. */
import { readMessage, type Change, type Message, type OwnMessage, type Snapshot } from './messages';
import { ChangeOrder } from './order';

/** `live` only after the server has sent its snapshot: an open socket alone shows nothing current. */
export type LiveStatus = 'connecting' | 'live' | 'offline';

/** Milliseconds. A socket that died without a word is noticed within `resumeInterval + resumeTimeout`. */
export const timing = {
  snapshotTimeout: 10_000,
  resumeInterval: 15_000,
  resumeTimeout: 8_000,
  // The server closes the socket of who asks more often.
  resumeGap: 1_000,
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
  #receivedAt = 0;
  /** The one thing waited for: the snapshot, the next question, its answer, or the next attempt. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #resuming = false;
  #resumedAt = 0;

  readonly #url: string;
  readonly #listener: LiveListener;
  readonly #order: ChangeOrder;

  constructor(url: string, listener: LiveListener) {
    this.#url = url;
    this.#listener = listener;
    this.#order = new ChangeOrder(listener.onChange, () => {
      this.#resume();
    });
  }

  start(): void {
    window.addEventListener('online', this.#onWake);
    document.addEventListener('visibilitychange', this.#onWake);
    this.#connect();
  }

  stop(): void {
    window.removeEventListener('online', this.#onWake);
    document.removeEventListener('visibilitychange', this.#onWake);
    this.#close();
  }

  #connect(): void {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onmessage = (message) => {
      this.#receive(message.data);
    };
    socket.onclose = ({ code }) => {
      this.#fail();
      if (code === SESSION_ENDED) this.#listener.onSessionEnd();
    };
    this.#schedule(timing.snapshotTimeout, () => {
      this.#fail();
    });
  }

  #receive(data: unknown): void {
    let message: Message | null;
    try {
      message = readMessage(data);
    } catch {
      // News that this page cannot read must not leave the old on show as current.
      this.#fail();
      return;
    }
    if (message?.type === 'ping') this.#send({ type: 'pong' });
    if (message?.type === 'snapshot') this.#accept(message);
    if (!this.#live) return;
    if (message?.type === 'change') this.#order.take(message);
    if (message?.type === 'resumed') {
      this.#resuming = false;
      this.#order.resumed(message.sequence);
    }
    // Whatever was said, it was a sign of life; but only its answer ends the wait for an answer.
    this.#receivedAt = Date.now();
    if (!this.#resuming) this.#resumeLater();
  }

  #accept(snapshot: Snapshot): void {
    const wasLive = this.#live;
    this.#live = true;
    this.#resuming = false;
    this.#failures = 0;
    this.#listener.onSnapshot(snapshot);
    this.#order.snapshot(snapshot.sequence);
    if (!wasLive) this.#listener.onStatus('live');
  }

  /** Asks for what was missed. The answer also shows that the connection is alive and that nothing was lost on it. */
  #resume(): void {
    if (this.#resuming) return;
    this.#resuming = true;
    const pause = this.#resumedAt + timing.resumeGap - Date.now();
    const send = () => {
      this.#resumedAt = Date.now();
      this.#send({ type: 'resume', since: this.#order.last });
      this.#schedule(timing.resumeTimeout, () => {
        this.#fail();
      });
    };
    if (pause > 0) this.#schedule(pause, send);
    else send();
  }

  #resumeLater(): void {
    this.#schedule(timing.resumeInterval, () => {
      this.#resume();
    });
  }

  #send(message: OwnMessage): void {
    this.#socket?.send(JSON.stringify(message));
  }

  #fail(): void {
    this.#close();
    this.#listener.onStatus('offline');
    this.#schedule(retryDelay(this.#failures++), () => {
      this.#connect();
    });
  }

  /** Does not wait for the close event: on a dead connection it can take a minute. */
  #close(): void {
    clearTimeout(this.#timer);
    if (this.#socket) {
      this.#socket.onmessage = this.#socket.onclose = null;
      this.#socket.close();
    }
    this.#socket = null;
    this.#live = this.#resuming = false;
  }

  /** The page is looked at again, or the network is back: timers may have slept, so do now what they were for. */
  readonly #onWake = (): void => {
    if (document.hidden) return;
    if (!this.#socket) {
      clearTimeout(this.#timer);
      this.#connect();
    } else if (this.#live) {
      const silence = Date.now() - this.#receivedAt;
      if (silence <= timing.resumeInterval + timing.resumeTimeout) {
        this.#resume();
      } else {
        this.#close();
        this.#listener.onStatus('offline');
        this.#connect();
      }
    }
  };

  #schedule(delay: number, action: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, delay);
  }
}
