/** Shown when sensors are not ready: arm and bypass them, or go back. */
import { TriangleAlert } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { ArmMode, Preventing } from '../api/alarm';
import { t } from '../text';
import { obstacleOf } from './readinessWords';

interface BypassConfirmationProps {
  mode: ArmMode;
  /** The sensors that are not ready, at least one. */
  sensors: Preventing[];
  disabled: boolean;
  onArm: () => void;
  onBack: () => void;
}

export function BypassConfirmation({ mode, sensors, disabled, onArm, onBack }: BypassConfirmationProps) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    title.current?.focus();
  }, []);
  return (
    <div
      className="confirmation"
      role="group"
      aria-labelledby="confirmation"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onBack();
      }}
    >
      <TriangleAlert className="confirmation-mark" />
      <h3 id="confirmation" ref={title} tabIndex={-1}>
        {t('panel.bypassConfirmation.title')}
      </h3>
      <ul>
        {sensors.map((sensor) => (
          <li key={sensor.id}>{obstacleOf(sensor)}</li>
        ))}
      </ul>
      <p className="hint">{t('panel.bypassConfirmation.detail')}</p>
      <div className="confirmation-actions">
        <button type="button" className="button" data-variant="warning" disabled={disabled} onClick={onArm}>
          {t(`panel.bypassConfirmation.${sensors.length === 1 ? 'armOne' : 'arm'}.${mode}`)}
        </button>
        <button type="button" className="button" onClick={onBack}>
          {t('panel.bypassConfirmation.back')}
        </button>
      </div>
    </div>
  );
}
