/** PIN entry by touch, mouse or keyboard. The digits are hidden, and cleared when they are sent. */
import { Delete } from 'lucide-react';
import { useEffect, useId, useState } from 'react';
import { t } from '../text';

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];
const LONGEST_PIN = 12;
// A partly typed PIN must not stay for the next person at the panel.
const FORGET_AFTER_MS = 30_000;

interface PinPadProps {
  disabled: boolean;
  submitLabel: string;
  onType: () => void;
  onSubmit: (pin: string) => void;
  /** Adds a button that goes back. */
  onBack?: () => void;
}

export function PinPad({ disabled, submitLabel, onType, onSubmit, onBack }: PinPadProps) {
  const id = useId();
  const [pin, setPin] = useState('');

  useEffect(() => {
    if (pin === '') return;
    const timer = setTimeout(() => setPin(''), FORGET_AFTER_MS);
    return () => clearTimeout(timer);
  }, [pin]);

  const type = (next: string) => {
    if (disabled) return;
    setPin(next.replace(/\D/g, '').slice(0, LONGEST_PIN));
    onType();
  };

  const digitKey = (digit: string) => (
    <button
      key={digit}
      type="button"
      className="key"
      disabled={disabled}
      onClick={() => type(pin + digit)}
    >
      {digit}
    </button>
  );

  return (
    <form
      className="pin-pad"
      onSubmit={(event) => {
        event.preventDefault();
        if (disabled || pin === '') return;
        onSubmit(pin);
        setPin('');
      }}
    >
      <label className="visually-hidden" htmlFor={id}>
        {t('panel.pin')}
      </label>
      <input
        id={id}
        className="pin-field"
        type="password"
        // The pad is the keyboard: a touch screen must not open its own over it.
        inputMode="none"
        autoComplete="off"
        placeholder={t('panel.pin')}
        value={pin}
        // While a request runs, a read-only field keeps the focus; a disabled one would lose it.
        readOnly={disabled}
        autoFocus
        onChange={(event) => type(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setPin('');
        }}
      />
      <div
        className="keys"
        // Keeps the focus in the field, so that Enter sends the PIN instead of repeating the last key.
        onMouseDown={(event) => event.preventDefault()}
      >
        {DIGITS.map(digitKey)}
        <button
          type="button"
          className="key key-edit"
          disabled={disabled}
          onClick={() => setPin('')}
        >
          {t('panel.clear')}
        </button>
        {digitKey('0')}
        <button
          type="button"
          className="key key-edit"
          aria-label={t('panel.deleteDigit')}
          disabled={disabled}
          onClick={() => setPin(pin.slice(0, -1))}
        >
          <Delete />
        </button>
        <button type="submit" className="submit" disabled={disabled || pin === ''}>
          {submitLabel}
        </button>
        {onBack && (
          <button type="button" className="button pin-back" onClick={onBack}>
            {t('panel.bypassConfirmation.back')}
          </button>
        )}
      </div>
    </form>
  );
}
