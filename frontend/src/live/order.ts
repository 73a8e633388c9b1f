/** Changes in the order in which they happened, each once, none left out: what is missing is asked for. */
import type { Change } from './messages';

export class ChangeOrder {
  #last = 0;
  /** What has arrived since a gap was seen; it is applied when the server has filled the gap. */
  #waiting: Change[] | null = null;

  readonly #apply: (change: Change) => void;
  readonly #ask: () => void;

  /** `ask`: for what came after `last`. */
  constructor(apply: (change: Change) => void, ask: () => void) {
    this.#apply = apply;
    this.#ask = ask;
  }

  get last(): number {
    return this.#last;
  }

  /** Whatever was known is replaced; sequences may start lower, after a database has been restored. */
  snapshot(sequence: number): void {
    this.#last = sequence;
    this.#waiting?.sort(bySequence);
    this.#takeWaiting();
  }

  take(change: Change): void {
    if (change.sequence <= this.#last) return;
    if (this.#waiting) {
      this.#waiting.push(change);
    } else if (change.sequence === this.#last + 1) {
      this.#next(change);
    } else {
      this.#waiting = [change];
      this.#ask();
    }
  }

  /** The server has sent all that this page may know up to `sequence`, so what is missing below it stays missing. */
  resumed(sequence: number): void {
    this.#waiting?.sort(bySequence);
    for (const change of this.#waiting ?? []) {
      if (change.sequence > this.#last && change.sequence <= sequence) this.#next(change);
    }
    this.#last = Math.max(this.#last, sequence);
    this.#takeWaiting();
  }

  #next(change: Change): void {
    this.#last = change.sequence;
    this.#apply(change);
  }

  #takeWaiting(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const change of waiting) this.take(change);
  }
}

const bySequence = (one: Change, other: Change) => one.sequence - other.sequence;
