import type { Preventing } from '../api/alarm';
import type { Sensor } from '../api/sensors';
import { listOf, t } from '../text';

/** For example "Back door is open". */
export function sentenceOf({ name, kind, active }: Sensor): string {
  if (active === null) return t('panel.readiness.unheard', { name });
  if (kind === 'door' || kind === 'window') return t(`panel.readiness.${active ? 'isOpen' : 'isClosed'}`, { name });
  return `${name}: ${t(`sensors.states.${kind}.${active ? 'active' : 'quiet'}`)}`;
}

/** Why a sensor prevents arming, for example "Back door: open, no contact". */
export const obstacleOf = (sensor: Preventing) => obstacles([sensor]);

/** Why sensors, at least one, prevent arming. */
export function obstacles(sensors: Preventing[]): string {
  const { name = '', reasons = [] } = sensors[0] ?? {};
  const words = listOf(reasons.map((reason) => t(`panel.reasons.${reason}`)));
  return t('panel.notReady', { count: sensors.length, name, reasons: words });
}
