/**
 * The server's time, learnt from the Date header of its answers.
 *
 * Deadlines are the server's. A tablet on the wall whose own clock is minutes off would count down to the wrong moment.
 */

// The header has whole seconds only, so smaller differences are noise.
const SMALLEST_DIFFERENCE_MS = 2000;

let aheadMs = 0;

/** Takes the Date header of an answer, and when its request was sent. */
export function learnServerTime(header: string | null, sentAt: number): void {
  const serverTime = Date.parse(header ?? '');
  if (Number.isNaN(serverTime)) return;
  const middleOfSecond = 500;
  const difference = serverTime + middleOfSecond - (sentAt + Date.now()) / 2;
  aheadMs = Math.abs(difference) < SMALLEST_DIFFERENCE_MS ? 0 : difference;
}

/** When this machine's clock will show a moment that the server named, in milliseconds. */
export const localTime = (serverMoment: string) => Date.parse(serverMoment) - aheadMs;
