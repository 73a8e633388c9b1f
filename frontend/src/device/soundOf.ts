/** Which sound belongs to a state of the alarm. */
import type { Alarm } from '../api/alarm';
import type { Tone } from './tones';

const ENDING_SECONDS = 10;

/** The worst comes first: where it burns, the sound says so, also after a burglar. */
const tonesOfKinds: [Tone, string[]][] = [
  ['fire', ['smoke', 'heat']],
  ['carbon_monoxide', ['carbon_monoxide', 'gas']],
];

/**
 * The sound to repeat, or null for silence.
 *
 * `secondsLeft`: until the end of the delay or of the siren. `current`: false while the known state may be out of
 * date. A countdown is then silent, as it may have been ended; a siren sounds until its end, as cutting the network
 * must not silence it.
 */
export function soundOf(alarm: Alarm, secondsLeft: number, current: boolean): Tone | null {
  const ending = secondsLeft <= ENDING_SECONDS;
  // Silenced by a person, smoke stays triggered without a siren.
  if (alarm.siren) return current || secondsLeft > 0 ? toneOf(alarm.triggered_by) : null;
  if (!current) return null;
  if (alarm.state === 'arming') return ending ? 'exit_ending' : 'exit';
  if (alarm.state === 'pending') return ending ? 'entry_ending' : 'entry';
  return null;
}

const toneOf = (triggers: Alarm['triggered_by']): Tone =>
  tonesOfKinds.find(([, kinds]) => triggers.some(({ kind }) => kinds.includes(kind)))?.[0] ?? 'burglary';
