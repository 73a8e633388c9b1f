/**
 * The server's clock, estimated from the Date header of its answers. Deadlines are in the server's time: a tablet
 * whose clock is wrong by minutes would count down to the wrong moment.
 */

// The header has a resolution of one second, so smaller differences are noise.
const SMALLEST_DIFFERENCE_MS = 2000;

let aheadMs = 0;

/** Takes the Date header of an answer, and the time of its request in milliseconds. */
export function learnServerTime(header: string | null, sentAt: number): void {
  const serverTime = Date.parse(header ?? '');
  if (Number.isNaN(serverTime)) return;
  const middleOfSecond = 500;
  const difference = serverTime + middleOfSecond - (sentAt + Date.now()) / 2;
  aheadMs = Math.abs(difference) < SMALLEST_DIFFERENCE_MS ? 0 : difference;
}

/** The server's `moment` in milliseconds of this machine's clock. */
export const localTime = (moment: string) => Date.parse(moment) - aheadMs;
