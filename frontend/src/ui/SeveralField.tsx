/** Check boxes for several of a fixed set. */
import { Check } from 'lucide-react';
import { CheckboxButton, CheckboxField, CheckboxGroup, Label, Text } from 'react-aria-components';

interface SeveralFieldProps {
  label: string;
  hint?: string;
  name?: string;
  choices: { id: string; name: string }[];
  defaultValue?: string[];
  value?: string[];
  onChange?: (ids: string[]) => void;
  isDisabled?: boolean;
}

export const SeveralField = ({ label, hint, choices, ...field }: SeveralFieldProps) => (
  <CheckboxGroup {...field} className="field">
    <Label>{label}</Label>
    <div className="checks">
      {choices.map(({ id, name }) => (
        <CheckboxField key={id} value={id}>
          <CheckboxButton className="check">
            <span className="check-box">
              <Check />
            </span>
            {name}
          </CheckboxButton>
        </CheckboxField>
      ))}
    </div>
    {hint && (
      <Text slot="description" className="field-hint">
        {hint}
      </Text>
    )}
  </CheckboxGroup>
);
