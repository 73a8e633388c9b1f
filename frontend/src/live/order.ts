/** Changes in the order in which they happened, each once, none left out: what is missing is asked for. */
import type { Change } from './messages';

export class ChangeOrder {
  #last = 0;
  /** What has arrived since a gap was seen; it is applied when the server has filled the gap. */
  #buffered: Change[] | null = null;

  readonly #apply: (change: Change) => void;
  readonly #requestMissing: () => void;

  /** `requestMissing`: for what came after `last`. */
  constructor(apply: (change: Change) => void, requestMissing: () => void) {
    this.#apply = apply;
    this.#requestMissing = requestMissing;
  }

  get last(): number {
    return this.#last;
  }

  /** Whatever was known is replaced; sequences may start lower, after a database has been restored. */
  snapshot(sequence: number): void {
    this.#last = sequence;
    this.#buffered?.sort(bySequence);
    this.#takeBuffered();
  }

  take(change: Change): void {
    if (change.sequence <= this.#last) return;
    if (this.#buffered) {
      this.#buffered.push(change);
    } else if (change.sequence === this.#last + 1) {
      this.#next(change);
    } else {
      this.#buffered = [change];
      this.#requestMissing();
    }
  }

  /** The server has sent all that this page may know up to `sequence`, so what is missing below it stays missing. */
  resumed(sequence: number): void {
    this.#buffered?.sort(bySequence);
    for (const change of this.#buffered ?? []) {
      if (change.sequence > this.#last && change.sequence <= sequence) this.#next(change);
    }
    this.#last = Math.max(this.#last, sequence);
    this.#takeBuffered();
  }

  #next(change: Change): void {
    this.#last = change.sequence;
    this.#apply(change);
  }

  #takeBuffered(): void {
    const buffered = this.#buffered ?? [];
    this.#buffered = null;
    for (const change of buffered) this.take(change);
  }
}

const bySequence = (one: Change, other: Change) => one.sequence - other.sequence;
