import { useState } from 'react';
import {
  addOutput,
  changeOutput,
  outputKinds,
  outputTones,
  webhookMethods,
  type Output,
  type OutputFields,
  type OutputLogin,
} from '../../api/outputs';
import { keys } from '../../data/keys';
import { t } from '../../text';
import { DialogActions, DialogFrame } from '../../ui/dialogs';
import { ChoiceField, Field, Toggle } from '../../ui/fields';
import { ServerForm, textOf, unlessEmpty } from '../../ui/ServerForm';
import { SeveralField } from '../../ui/SeveralField';
import { useSave } from '../../ui/useSave';

const LONGEST_CUT_OFF_S = 3600;
const FIRST_CUT_OFF_S = 180;

interface OutputFormProps {
  /** Undefined for a new one. */
  output?: Output;
  onClose: () => void;
  onLogin: (name: string, login: OutputLogin) => void;
}

export function OutputForm({ output, onClose, onLogin }: OutputFormProps) {
  const [kind, setKind] = useState(output?.kind ?? 'mqtt');
  const save = useSave({
    send: async (fields: OutputFields) => {
      if (output) return { ...(await changeOutput(output.id, fields)), mqtt: null };
      return addOutput(fields);
    },
    refresh: [keys.outputs],
    done: ({ name }) => (output ? t('saved') : t('alerts.added', { name })),
    onDone: ({ name, mqtt }) => (mqtt ? onLogin(name, mqtt) : onClose()),
  });
  return (
    <DialogFrame title={output ? t('alerts.edit', { name: output.name }) : t('alerts.outputs.add')} onClose={onClose}>
      <ServerForm error={save.error} onSend={(data) => save.mutate(fieldsOf(data, kind))}>
        <Field name="name" label={t('alerts.name')} defaultValue={output?.name} isRequired autoFocus autoComplete="off" />
        {!output && (
          <ChoiceField
            label={t('alerts.outputs.kind')}
            choices={outputKinds.map((known) => ({ id: known, name: t(`alerts.outputs.kinds.${known}`) }))}
            value={kind}
            onChange={(chosen) => setKind(outputKinds.find((known) => known === chosen) ?? kind)}
          />
        )}
        {kind === 'webhook' && <WebhookFields output={output} />}
        <SeveralField
          name="tones"
          label={t('alerts.outputs.tonesLabel')}
          choices={outputTones.map((tone) => ({ id: tone, name: t(`alerts.outputs.tones.${tone}`) }))}
          defaultValue={output?.tones ?? ['burglary', 'fire', 'panic']}
        />
        <Field
          name="cut_off"
          type="number"
          label={t('alerts.outputs.cutOff')}
          hint={t('alerts.outputs.cutOffHint')}
          unit={t('alerts.outputs.seconds')}
          min={1}
          max={LONGEST_CUT_OFF_S}
          defaultValue={String(output?.cut_off ?? FIRST_CUT_OFF_S)}
          isRequired
        />
        {kind === 'mqtt' && (
          <Toggle name="strobe" label={t('alerts.outputs.strobe')} defaultSelected={output?.strobe ?? false} />
        )}
        <Toggle name="enabled" label={t('alerts.enabled')} defaultSelected={output?.enabled ?? true} />
        <DialogActions label={output ? t('actions.save') : t('actions.add')} pending={save.isPending} />
      </ServerForm>
    </DialogFrame>
  );
}

function WebhookFields({ output }: { output: Output | undefined }) {
  const address = (name: 'on_url' | 'off_url', label: string, hint: string) => (
    <Field
      name={name}
      label={label}
      hint={output ? t('alerts.outputs.urlKept') : hint}
      isRequired={!output}
      autoComplete="off"
      spellCheck="false"
    />
  );
  return (
    <>
      <ChoiceField
        name="method"
        label={t('alerts.outputs.method')}
        choices={webhookMethods.map((method) => ({ id: method, name: method }))}
        defaultValue={output?.method ?? 'GET'}
      />
      {address('on_url', t('alerts.outputs.onUrl'), t('alerts.outputs.onUrlHint', { duration: '{duration}', tone: '{tone}' }))}
      {address('off_url', t('alerts.outputs.offUrl'), t('alerts.outputs.offUrlHint'))}
    </>
  );
}

const fieldsOf = (data: FormData, kind: Output['kind']): OutputFields => ({
  name: textOf(data, 'name').trim(),
  kind,
  tones: outputTones.filter((tone) => data.getAll('tones').includes(tone)),
  cut_off: Number(textOf(data, 'cut_off')),
  enabled: data.has('enabled'),
  ...(kind === 'mqtt'
    ? { strobe: data.has('strobe') }
    : {
        method: webhookMethods.find((method) => method === textOf(data, 'method')),
        ...unlessEmpty(data, 'on_url'),
        ...unlessEmpty(data, 'off_url'),
      }),
});
