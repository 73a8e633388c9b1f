import { Check } from 'lucide-react';
import { useState } from 'react';
import { CheckboxButton, CheckboxField, CheckboxGroup, Label } from 'react-aria-components';
import { armModes, type ArmMode } from '../../api/alarm';
import {
  addSensor,
  changeSensor,
  isAlwaysLive,
  sensorKinds,
  type Sensor,
  type SensorRequest,
  type SensorKind,
} from '../../api/sensors';
import { useRefreshSensors } from '../../data/alarm';
import { text } from '../../text';
import { DialogActions, DialogFrame } from '../../ui/dialogs';
import { ChoiceField, Field, Toggle } from '../../ui/fields';
import { ServerForm, textOf } from '../../ui/ServerForm';
import { useSave } from '../../ui/useSave';
import type { NewToken } from './TokenDialog';

const words = text.sensors;
const kinds = sensorKinds.map((kind) => ({ id: kind, name: words.kinds[kind] }));

/** The initial choice. Motion detectors are for an empty building. */
const defaultModes = (kind: SensorKind): ArmMode[] => (kind === 'motion' ? ['away'] : [...armModes]);

interface SensorFormProps {
  /** Undefined for a new one. */
  sensor?: Sensor;
  onClose: () => void;
  onToken: (token: NewToken) => void;
}

export function SensorForm({ sensor, onClose, onToken }: SensorFormProps) {
  const [kind, setKind] = useState<SensorKind>(sensor?.kind ?? 'door');
  const [modes, setModes] = useState<string[]>(sensor?.modes ?? defaultModes(kind));
  const refresh = useRefreshSensors();
  const save = useSave({
    send: async (fields: SensorRequest) => {
      if (sensor) return { ...(await changeSensor(sensor.id, fields)), token: null, mqtt: null };
      return addSensor(fields);
    },
    // For a new sensor, the dialog with its token is the confirmation.
    done: () => sensor && text.saved,
    onDone: ({ id, name, token, mqtt }) => {
      void refresh();
      if (token === null) onClose();
      else onToken({ id, name, token, mqtt });
    },
  });
  const always = isAlwaysLive(kind);

  return (
    <DialogFrame title={sensor ? words.edit(sensor.name) : words.add} onClose={onClose}>
      <ServerForm
        error={save.error}
        onSend={(data) => {
          save.mutate({
            name: textOf(data, 'name').trim(),
            kind,
            modes: always ? [...armModes] : armModes.filter((mode) => modes.includes(mode)),
            entry_delay: !always && data.has('entry_delay'),
          });
        }}
      >
        <Field name="name" label={words.name} hint={words.nameHint} defaultValue={sensor?.name} isRequired autoFocus />
        <ChoiceField
          name="kind"
          label={words.kind}
          choices={kinds}
          value={kind}
          onChange={(chosen) => {
            const next = sensorKinds.find((known) => known === chosen) ?? kind;
            setKind(next);
            if (!sensor) setModes(defaultModes(next));
          }}
        />
        {always ? (
          <p className="hint">{words.alwaysHint}</p>
        ) : (
          <>
            <CheckboxGroup className="field" value={modes} onChange={setModes}>
              <Label>{words.modes}</Label>
              <div className="checks">
                {armModes.map((mode) => (
                  <CheckboxField key={mode} value={mode}>
                    <CheckboxButton className="check">
                      <span className="check-box">
                        <Check />
                      </span>
                      {text.alarm.modes[mode]}
                    </CheckboxButton>
                  </CheckboxField>
                ))}
              </div>
            </CheckboxGroup>
            <Toggle
              name="entry_delay"
              label={words.entryDelay}
              hint={words.entryDelayHint}
              defaultSelected={sensor?.entry_delay ?? kind === 'door'}
            />
          </>
        )}
        <DialogActions label={sensor ? text.actions.save : text.actions.add} pending={save.isPending} />
      </ServerForm>
    </DialogFrame>
  );
}
