import type { Sensor } from '../api/sensors';
import { t } from '../text';

/** The days since a sensor was heard, where it counts as silent; else 0. It may have failed. */
export function silentDays({ last_heard_at, silent_from }: Sensor, now: number): number {
  if (!last_heard_at || !silent_from || now < Date.parse(silent_from)) return 0;
  return Math.floor((now - Date.parse(last_heard_at)) / 86_400_000);
}

/** For example "Back door is open". */
export function sentenceOf({ name, kind, active }: Sensor): string {
  if (active === null) return t('panel.readiness.unheard', { name });
  if (kind === 'door' || kind === 'window') return t(`panel.readiness.${active ? 'isOpen' : 'isClosed'}`, { name });
  return `${name}: ${t(`sensors.states.${kind}.${active ? 'active' : 'quiet'}`)}`;
}
