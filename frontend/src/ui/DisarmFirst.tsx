import { useIsDisarmed } from '../data/alarm';
import { text } from '../text';

/** Why controls are disabled that are usable only while the alarm is disarmed. */
export const DisarmFirst = () => useIsDisarmed() || <p className="hint">{text.alarm.onlyWhileDisarmed}</p>;
