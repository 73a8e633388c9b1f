/** Form fields with a label, a hint and an error, from the browser's validation or from the backend. */
import { ChevronDown } from 'lucide-react';
import {
  Button,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
  SwitchButton,
  SwitchField,
  Text,
  TextField,
  type Key,
  type TextFieldProps,
} from 'react-aria-components';

interface FieldProps extends Omit<TextFieldProps, 'children' | 'className'> {
  label: string;
  hint?: string;
  unit?: string;
  min?: number;
  max?: number;
  autoCapitalize?: 'none';
}

export function Field({ label, hint, unit, min, max, autoCapitalize, ...field }: FieldProps) {
  return (
    <TextField {...field} className="field">
      <Label>{label}</Label>
      <div className="field-box">
        <Input min={min} max={max} autoCapitalize={autoCapitalize} />
        {unit && <span aria-hidden="true">{unit}</span>}
      </div>
      {hint && (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-error" />
    </TextField>
  );
}

/** Accepts digits only, hides them, and is not offered to password managers. */
export const PinField = (props: FieldProps) => (
  <Field
    {...props}
    type="password"
    inputMode="numeric"
    autoComplete="off"
    pattern="[0-9]{4,12}"
    minLength={4}
    maxLength={12}
  />
);

interface ToggleProps {
  name?: string;
  label: string;
  hint?: string;
  defaultSelected?: boolean;
  isSelected?: boolean;
  onChange?: (isSelected: boolean) => void;
  isDisabled?: boolean;
}

export const Toggle = ({ label, hint, ...field }: ToggleProps) => (
  <SwitchField {...field} className="field toggle">
    <SwitchButton className="switch">
      <span className="switch-track" />
      {label}
    </SwitchButton>
    {hint && (
      <Text slot="description" className="field-hint">
        {hint}
      </Text>
    )}
  </SwitchField>
);

interface Choice {
  id: string;
  name: string;
}

interface ChoiceFieldProps {
  label: string;
  name?: string;
  choices: Choice[];
  hint?: string;
  value?: string;
  defaultValue?: string;
  onChange?: (id: string) => void;
}

export function ChoiceField({ label, choices, hint, onChange, ...field }: ChoiceFieldProps) {
  return (
    <Select
      {...field}
      className="field"
      onChange={(key: Key | null) => {
        if (key !== null) onChange?.(String(key));
      }}
    >
      <Label>{label}</Label>
      <Button className="select-button">
        <SelectValue />
        <ChevronDown />
      </Button>
      {hint && (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-error" />
      <Popover className="popover">
        <ListBox className="options" items={choices}>
          {({ id, name }) => (
            <ListBoxItem id={id} className="option">
              {name}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}
