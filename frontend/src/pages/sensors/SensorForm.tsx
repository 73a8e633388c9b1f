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
import { t } from '../../text';
import { DialogActions, DialogFrame } from '../../ui/dialogs';
import { ChoiceField, Field, Toggle } from '../../ui/fields';
import { ServerForm, textOf } from '../../ui/ServerForm';
import { useSave } from '../../ui/useSave';
import type { NewToken } from './TokenDialog';


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
    done: () => sensor && t('saved'),
    onDone: ({ id, name, token, mqtt }) => {
      void refresh();
      if (token === null) onClose();
      else onToken({ id, name, token, mqtt });
    },
  });
  const always = isAlwaysLive(kind);

  return (
    <DialogFrame title={sensor ? t('sensors.edit', { name: sensor.name }) : t('sensors.add')} onClose={onClose}>
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
        <Field name="name" label={t('sensors.name')} hint={t('sensors.nameHint')} defaultValue={sensor?.name} isRequired autoFocus />
        <ChoiceField
          name="kind"
          label={t('sensors.kind')}
          choices={sensorKinds.map((known) => ({ id: known, name: t(`sensors.kinds.${known}`) }))}
          value={kind}
          onChange={(chosen) => {
            const next = sensorKinds.find((known) => known === chosen) ?? kind;
            setKind(next);
            if (!sensor) setModes(defaultModes(next));
          }}
        />
        {always ? (
          <p className="hint">{t('sensors.alwaysHint')}</p>
        ) : (
          <>
            <CheckboxGroup className="field" value={modes} onChange={setModes}>
              <Label>{t('sensors.modes')}</Label>
              <div className="checks">
                {armModes.map((mode) => (
                  <CheckboxField key={mode} value={mode}>
                    <CheckboxButton className="check">
                      <span className="check-box">
                        <Check />
                      </span>
                      {t(`alarm.modes.${mode}`)}
                    </CheckboxButton>
                  </CheckboxField>
                ))}
              </div>
            </CheckboxGroup>
            <Toggle
              name="entry_delay"
              label={t('sensors.entryDelay')}
              hint={t('sensors.entryDelayHint')}
              defaultSelected={sensor?.entry_delay ?? kind === 'door'}
            />
          </>
        )}
        <DialogActions label={sensor ? t('actions.save') : t('actions.add')} pending={save.isPending} />
      </ServerForm>
    </DialogFrame>
  );
}
