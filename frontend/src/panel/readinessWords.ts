import type { Sensor } from '../api/sensors';
import { text } from '../text';

/** For example "Back door is open". */
export function sentenceOf({ name, kind, active }: Sensor): string {
  return active === null ? `${name} ${text.panel.readiness.unheard}` : text.panel.readiness.is(name, kind, active);
}
