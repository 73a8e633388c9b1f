/** While the alarm is armed: the other modes that it can be armed in. */
import { armModes, type Alarm, type ArmMode } from '../api/alarm';
import { t } from '../text';
import { modeIcons } from '../ui/icons';

interface OtherModesProps {
  state: Alarm['state'];
  disabled: boolean;
  onArm: (mode: ArmMode) => void;
}

export function OtherModes({ state, disabled, onArm }: OtherModesProps) {
  if (!state.startsWith('armed_')) return null;
  return (
    <div className="other-modes" role="group" aria-label={t('panel.otherModes')}>
      {armModes
        .filter((mode) => state !== `armed_${mode}`)
        .map((mode) => {
          const ModeIcon = modeIcons[mode];
          return (
            <button key={mode} type="button" className="button" disabled={disabled} onClick={() => onArm(mode)}>
              <ModeIcon />
              {t(`alarm.modes.${mode}`)}
            </button>
          );
        })}
    </div>
  );
}
