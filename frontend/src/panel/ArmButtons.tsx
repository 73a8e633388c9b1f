import { TriangleAlert } from 'lucide-react';
import { armModes, type Alarm, type ArmMode } from '../api/alarm';
import { useMinute } from '../core/time';
import { useSensors } from '../data/alarm';
import { t } from '../text';
import { modeIcons } from '../ui/icons';
import { silentDays } from './readinessWords';

interface ArmButtonsProps {
  notReady: Alarm['not_ready'] | undefined;
  disabled: boolean;
  onArm: (mode: ArmMode) => void;
}

export function ArmButtons({ notReady, disabled, onArm }: ArmButtonsProps) {
  const { data: known } = useSensors();
  const now = useMinute();
  return (
    <div className="arm-buttons">
      {armModes.map((mode) => {
        const ModeIcon = modeIcons[mode];
        const sensors = notReady?.[mode] ?? [];
        const silent = (known ?? [])
          .filter(({ modes, bypassed }) => modes.includes(mode) && !bypassed)
          .map((sensor) => ({ name: sensor.name, days: silentDays(sensor, now) }))
          .filter(({ days }) => days > 0);
        const warning = notReadyWords(sensors) ?? silentWords(silent);
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
                {warning ? (
                  <>
                    <TriangleAlert /> {warning}
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
}

const notReadyWords = (sensors: { name: string }[]) =>
  sensors[0] && t('panel.notReady', { count: sensors.length, name: sensors[0].name });

const silentWords = (sensors: { name: string; days: number }[]) =>
  sensors[0] && t('panel.silent', { count: sensors.length, ...sensors[0] });
