/** The WebSocket client: detects a dead connection, reconnects, and requests missed changes. */
import { readMessage, type Change, type Message, type OwnMessage, type Snapshot } from './messages';
import { ChangeOrder } from './order';

/** `live` after the server's snapshot: an open socket alone carries no current state. */
export type LiveStatus = 'connecting' | 'live' | 'offline';

/** Milliseconds. A dead socket is detected within `pingInterval + pingTimeout`. */
export const timing = {
  snapshotTimeout: 10_000,
  // Nothing else tells that the machine at the other end has vanished. The answer needs no database.
  pingInterval: 3_000,
  pingTimeout: 4_000,
  // Since the page last knew that it has every change.
  resumeInterval: 15_000,
  resumeTimeout: 8_000,
  // The server closes a socket that resumes more often.
  resumeGap: 1_000,
  firstRetry: 1_000,
  longestRetry: 30_000,
};

const SESSION_ENDED = 4401;

export interface LiveListener {
  /** Replaces the state that was known before. */
  onSnapshot: (snapshot: Snapshot) => void;
  onChange: (change: Change) => void;
  onStatus: (status: LiveStatus) => void;
  onSessionEnd: () => void;
}

/** Exponential backoff with jitter, so that several panels do not reconnect at the same moment. */
export function retryDelay(failures: number, random = Math.random()): number {
  const longest = Math.min(timing.longestRetry, timing.firstRetry * 2 ** failures);
  return longest * (0.5 + random / 2);
}

export class LiveConnection {
  #socket: WebSocket | null = null;
  #live = false;
  #failures = 0;
  #receivedAt = 0;
  #currentAt = 0;
  /** One timer for the snapshot's timeout, the next question, its timeout, or the next attempt to connect. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #resuming = false;
  #resumedAt = 0;

  readonly #url: string;
  readonly #listener: LiveListener;
  readonly #order: ChangeOrder;

  constructor(url: string, listener: LiveListener) {
    this.#url = url;
    this.#listener = listener;
    this.#order = new ChangeOrder(listener.onChange, () => this.#resume());
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
    socket.onmessage = (message) => this.#receive(message.data);
    socket.onclose = ({ code }) => {
      this.#fail();
      if (code === SESSION_ENDED) this.#listener.onSessionEnd();
    };
    this.#schedule(timing.snapshotTimeout, () => this.#fail());
  }

  #receive(data: unknown): void {
    let message: Message | null;
    try {
      message = readMessage(data);
    } catch {
      // The page missed a change, so its state is no longer current.
      this.#fail();
      return;
    }
    if (message?.type === 'ping') this.#send({ type: 'pong' });
    if (message?.type === 'snapshot') this.#accept(message);
    if (!this.#live) return;
    // Any message shows that the connection is alive, but only `resumed` ends the wait for it.
    this.#receivedAt = Date.now();
    if (message?.type === 'change') {
      this.#currentAt = this.#receivedAt;
      this.#order.take(message);
    }
    if (message?.type === 'resumed') {
      this.#currentAt = this.#receivedAt;
      this.#resuming = false;
      this.#order.resumed(message.sequence);
    }
    if (!this.#resuming) this.#askLater();
  }

  #accept(snapshot: Snapshot): void {
    const wasLive = this.#live;
    this.#live = true;
    this.#resuming = false;
    this.#failures = 0;
    this.#currentAt = Date.now();
    this.#listener.onSnapshot(snapshot);
    this.#order.snapshot(snapshot.sequence);
    if (!wasLive) this.#listener.onStatus('live');
  }

  /** Requests missed changes. The answer also shows that the connection is alive. */
  #resume(): void {
    if (this.#resuming) return;
    this.#resuming = true;
    const pause = this.#resumedAt + timing.resumeGap - Date.now();
    const send = () => {
      this.#resumedAt = Date.now();
      this.#send({ type: 'resume', since: this.#order.last });
      this.#schedule(timing.resumeTimeout, () => this.#fail());
    };
    if (pause > 0) this.#schedule(pause, send);
    else send();
  }

  #askLater(): void {
    this.#schedule(timing.pingInterval, () => this.#ask());
  }

  #ask(): void {
    if (Date.now() - this.#currentAt >= timing.resumeInterval) {
      this.#resume();
    } else {
      this.#send({ type: 'ping' });
      this.#schedule(timing.pingTimeout, () => this.#fail());
    }
  }

  #send(message: OwnMessage): void {
    this.#socket?.send(JSON.stringify(message));
  }

  #fail(): void {
    this.#close();
    this.#listener.onStatus('offline');
    this.#schedule(retryDelay(this.#failures++), () => this.#connect());
  }

  /** Does not wait for the close event, which can take a minute on a dead connection. */
  #close(): void {
    clearTimeout(this.#timer);
    if (this.#socket) {
      this.#socket.onmessage = this.#socket.onclose = null;
      this.#socket.close();
    }
    this.#socket = null;
    this.#live = this.#resuming = false;
  }

  /** The page is visible again or the network is back. Timers may have been suspended, so act now. */
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
