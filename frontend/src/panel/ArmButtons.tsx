import { TriangleAlert } from 'lucide-react';
import { armModes, type Alarm, type ArmMode } from '../api/alarm';
import { text } from '../text';
import { modeIcons } from '../ui/icons';

interface ArmButtonsProps {
  notReady: Alarm['not_ready'] | undefined;
  disabled: boolean;
  onArm: (mode: ArmMode) => void;
}

export function ArmButtons({ notReady, disabled, onArm }: ArmButtonsProps) {
  return (
    <div className="arm-buttons">
      {armModes.map((mode) => {
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
              <strong>{text.panel.arm[mode]}</strong>{' '}
              <span className="arm-detail">
                {sensors.length > 0 ? (
                  <>
                    <TriangleAlert /> {text.panel.notReady(sensors)}
                  </>
                ) : (
                  text.panel.armDetail[mode]
                )}
              </span>
            </span>
          </button>
        );
      })}
    </div>
  );
}
