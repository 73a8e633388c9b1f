/** Adds or changes a sensor. Kind and type decide which fields there are, and what is in them at first. */
import { useState } from 'react';
import { armModes } from '../../api/alarm';
import {
  addSensor,
  changeSensor,
  type Kind,
  type Sensor,
  type SensorRequest,
  type SensorType,
  type Type,
} from '../../api/sensors';
import { useRefreshSensors, useSensorKinds } from '../../data/alarm';
import { t } from '../../text';
import { DialogActions, DialogFrame } from '../../ui/dialogs';
import { ErrorMessage } from '../../ui/ErrorMessage';
import { ChoiceField, Field } from '../../ui/fields';
import { ServerForm, textOf } from '../../ui/ServerForm';
import { useSave } from '../../ui/useSave';
import { SensorBehaviour } from './SensorBehaviour';
import { SupervisionField, supervisionOf } from './SupervisionField';
import type { NewToken } from './TokenDialog';

interface SensorFormProps {
  /** Undefined for a new one. */
  sensor?: Sensor;
  onClose: () => void;
  onToken: (token: NewToken) => void;
}

export function SensorForm({ sensor, onClose, onToken }: SensorFormProps) {
  const { data: kinds, error } = useSensorKinds();
  return (
    <DialogFrame title={sensor ? t('sensors.edit', { name: sensor.name }) : t('sensors.add')} onClose={onClose}>
      <ErrorMessage error={kinds ? null : error} />
      {kinds && <Fields sensor={sensor} kinds={kinds} onClose={onClose} onToken={onToken} />}
    </DialogFrame>
  );
}

function Fields({ sensor, kinds, onClose, onToken }: SensorFormProps & { kinds: Kind[] }) {
  const [kindName, setKind] = useState<string>(sensor?.kind ?? 'door');
  const [typeName, setType] = useState<string | undefined>(sensor?.type);
  const kind = kinds.find((known) => known.kind === kindName) ?? kinds[0];
  const type = kind?.types.find((known) => known.type === typeName) ?? kind?.types[0];
  const save = useSaveSensor(sensor, onClose, onToken);
  if (!kind || !type) return null;
  // Another kind or type has other defaults: what was set for the former means nothing.
  const former = sensor?.kind === kind.kind && sensor.type === type.type ? sensor : undefined;

  return (
    <ServerForm error={save.error} onSend={(data) => save.mutate(readForm(data, kind, type))}>
      <Field
        name="name"
        label={t('sensors.name')}
        hint={t('sensors.nameHint')}
        defaultValue={sensor?.name}
        isRequired
        autoFocus
      />
      <ChoiceField
        label={t('sensors.kind')}
        choices={kinds.map((known) => ({ id: known.kind, name: t(`sensors.kinds.${known.kind}`) }))}
        value={kind.kind}
        onChange={(chosen) => {
          setKind(chosen);
          setType(undefined);
        }}
      />
      <TypeField types={kind.types} type={type.type} onChange={setType} />
      <SensorBehaviour key={`${kind.kind}.${type.type}`} type={type} former={former} />
      <SupervisionField
        key={kind.kind}
        usual={kind.heartbeat}
        current={sensor?.kind === kind.kind ? sensor.heartbeat : null}
      />
      <DialogActions label={sensor ? t('actions.save') : t('actions.add')} pending={save.isPending} />
    </ServerForm>
  );
}

function TypeField({ types, type, onChange }: { types: Type[]; type: SensorType; onChange: (id: string) => void }) {
  if (types.length === 1) return <p className="hint">{t(`sensors.typeHints.${type}`)}</p>;
  return (
    <ChoiceField
      label={t('sensors.type')}
      hint={t(`sensors.typeHints.${type}`)}
      choices={types.map((known) => ({ id: known.type, name: t(`sensors.types.${known.type}`) }))}
      value={type}
      onChange={onChange}
    />
  );
}

/** Fields that the type does not have are left out: the backend has their defaults. */
function readForm(data: FormData, { kind }: Kind, type: Type): SensorRequest {
  const delay = textOf(data, 'entry_delay');
  return {
    name: textOf(data, 'name').trim(),
    kind,
    type: type.type,
    heartbeat: supervisionOf(data),
    ...(type.has_modes && { modes: armModes.filter((mode) => data.getAll('modes').includes(mode)) }),
    ...(type.has_entry_delay && { entry_delay: delay === '' ? null : Number(delay) }),
    ...(type.has_final_door && { final_door: data.has('final_door') }),
    ...(type.has_chime && { chime: data.has('chime') }),
  };
}

function useSaveSensor(sensor: Sensor | undefined, onClose: () => void, onToken: (token: NewToken) => void) {
  const refresh = useRefreshSensors();
  return useSave({
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
}
