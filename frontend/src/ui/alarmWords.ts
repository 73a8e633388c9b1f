import type { Alarm } from '../api/alarm';
import { t } from '../text';

export function nameOf(alarm: Alarm | undefined): string {
  if (!alarm) return t('alarm.unknownState');
  return alarm.state === 'arming' && alarm.target
    ? t(`alarm.armingTo.${alarm.target}`)
    : t(`alarm.states.${alarm.state}`);
}

export function detailOf(alarm: Alarm | undefined): string {
  if (!alarm) return t('alarm.unknownDetail');
  // Disarmed with the smoke still there: it is silent, and not over.
  return alarm.state === 'triggered' && !alarm.siren ? t('alarm.silenced') : t(`alarm.details.${alarm.state}`);
}
