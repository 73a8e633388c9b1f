/** Shown when sensors are not ready: arm and bypass them, or go back. */
import { TriangleAlert } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { ArmMode } from '../api/alarm';
import type { Named } from '../api/schema/types';
import { useSensors } from '../data/alarm';
import { useIsKiosk } from '../data/session';
import { t } from '../text';
import { sentenceOf } from './readinessWords';

interface BypassConfirmationProps {
  mode: ArmMode;
  /** The sensors that are not ready, at least one. */
  sensors: Named[];
  disabled: boolean;
  onArm: () => void;
  onBack: () => void;
}

export function BypassConfirmation({ mode, sensors, disabled, onArm, onBack }: BypassConfirmationProps) {
  const known = useSensors().data ?? [];
  const kiosk = useIsKiosk();
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
        {sensors.map(({ id, name }) => {
          const sensor = known.find((candidate) => candidate.id === id);
          return <li key={id}>{sensor ? sentenceOf(sensor) : name}</li>;
        })}
      </ul>
      <p className="hint">{t(`panel.bypassConfirmation.${kiosk ? 'detailOfKiosk' : 'detail'}`)}</p>
      <div className="confirmation-actions">
        {!kiosk && (
          <button type="button" className="button" data-variant="warning" disabled={disabled} onClick={onArm}>
            {t(`panel.bypassConfirmation.${sensors.length === 1 ? 'armOne' : 'arm'}.${mode}`)}
          </button>
        )}
        <button type="button" className="button" onClick={onBack}>
          {t('panel.bypassConfirmation.back')}
        </button>
      </div>
    </div>
  );
}
