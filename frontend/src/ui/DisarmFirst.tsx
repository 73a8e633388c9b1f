import { useIsDisarmed } from '../data/alarm';
import { t } from '../text';

/** Why controls are disabled that are usable only while the alarm is disarmed. */
export const DisarmFirst = () => useIsDisarmed() || <p className="hint">{t('alarm.onlyWhileDisarmed')}</p>;
