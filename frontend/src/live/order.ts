/** Applies changes in sequence, each once. It buffers those after a gap, and requests the missing ones. */
import type { Change } from './messages';

export class ChangeOrder {
  #last = 0;
  /** Changes after a gap, until the server has filled it; null without a gap. */
  #buffered: Change[] | null = null;

  readonly #apply: (change: Change) => void;
  readonly #requestMissing: () => void;

  /** `requestMissing` requests the changes after `last`. */
  constructor(apply: (change: Change) => void, requestMissing: () => void) {
    this.#apply = apply;
    this.#requestMissing = requestMissing;
  }

  get last(): number {
    return this.#last;
  }

  /** Starts again at `sequence`, which is lower than before after a restored backup. */
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

  /** The server has sent everything up to `sequence`: gaps below it are not filled. */
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
