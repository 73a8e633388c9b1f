import { TriangleAlert } from 'lucide-react';
import type { Alarm, ArmMode } from '../api/alarm';
import { t } from '../text';
import { modeIcons } from '../ui/icons';
import { obstacles } from './readinessWords';

interface ArmButtonsProps {
  modes: readonly ArmMode[];
  notReady: Alarm['not_ready'] | undefined;
  disabled: boolean;
  onArm: (mode: ArmMode) => void;
}

export const ArmButtons = ({ modes, notReady, disabled, onArm }: ArmButtonsProps) => (
  <div className="arm-buttons">
    {modes.map((mode) => {
      const ModeIcon = modeIcons[mode];
      const sensors = notReady?.[mode] ?? [];
      return (
        <button
          key={mode}
          type="button"
          className="arm-button"
          data-state={`armed_${mode}`}
          disabled={disabled}
          onClick={() => onArm(mode)}
        >
          <ModeIcon />
          <span>
            <strong>{t(`panel.arm.${mode}`)}</strong>{' '}
            <span className="arm-detail">
              {sensors.length > 0 ? (
                <>
                  <TriangleAlert /> {obstacles(sensors)}
                </>
              ) : (
                t(`panel.armDetail.${mode}`)
              )}
            </span>
          </span>
        </button>
      );
    })}
  </div>
);
