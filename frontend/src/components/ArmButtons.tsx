import type { ArmMode } from '../api';
import { text } from '../text';
import { Icon } from './Icon';

const choices = [
  { mode: 'home', name: text.controls.armHome, detail: text.controls.armHomeDetail },
  { mode: 'away', name: text.controls.armAway, detail: text.controls.armAwayDetail },
] as const;

interface ArmButtonsProps {
  disabled: boolean;
  onArm: (mode: ArmMode) => void;
}

export function ArmButtons({ disabled, onArm }: ArmButtonsProps) {
  return (
    <div className="arm-buttons">
      {choices.map(({ mode, name, detail }) => (
        <button
          key={mode}
          type="button"
          className="arm-button"
          data-mode={mode}
          disabled={disabled}
          aria-describedby={`arm-${mode}`}
          aria-label={name}
          onClick={() => {
            onArm(mode);
          }}
        >
          <Icon name={mode} />
          <span>
            <strong>{name}</strong>
            <span id={`arm-${mode}`}>{detail}</span>
          </span>
        </button>
      ))}
    </div>
  );
}
