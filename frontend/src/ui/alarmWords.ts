import type { Alarm } from '../api/alarm';
import { text } from '../text';

export function nameOf(alarm: Alarm | undefined): string {
  if (!alarm) return text.alarm.unknownState;
  return alarm.state === 'arming' && alarm.target ? text.alarm.armingTo(alarm.target) : text.alarm.states[alarm.state];
}
