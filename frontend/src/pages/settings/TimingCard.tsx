import { Button } from 'react-aria-components';
import { changeSettings, type Settings } from '../../api/settings';
import { keys } from '../../data/keys';
import { useIsDisarmed } from '../../data/alarm';
import { useSettings } from '../../data/settings';
import { text } from '../../text';
import { DisarmFirst } from '../../ui/DisarmFirst';
import { messageOf } from '../../ui/ErrorMessage';
import { Field } from '../../ui/fields';
import { ServerForm, textOf } from '../../ui/ServerForm';
import { useSave } from '../../ui/useSave';

const words = text.settings.timing;

const fields = [
  { name: 'exit_delay', label: words.exitDelay, hint: words.exitDelayHint, unit: words.seconds, min: 0, max: 3600 },
  { name: 'entry_delay', label: words.entryDelay, hint: words.entryDelayHint, unit: words.seconds, min: 0, max: 3600 },
  { name: 'siren_duration', label: words.siren, hint: words.sirenHint, unit: words.seconds, min: 1, max: 86_400 },
  { name: 'retention_days', label: words.retention, hint: words.retentionHint, unit: words.days, min: 1, max: 3650 },
] as const;

export function TimingCard() {
  const { data: settings, error } = useSettings();
  return (
    <section className="card" aria-labelledby="timing" aria-busy={!settings}>
      <h2 id="timing">{words.title}</h2>
      {!settings && <p className="hint">{error ? messageOf(error) : text.loading}</p>}
      {/* A change from elsewhere resets the form. */}
      {settings && <TimingForm key={JSON.stringify(settings)} settings={settings} />}
    </section>
  );
}

function TimingForm({ settings }: { settings: Settings }) {
  const disarmed = useIsDisarmed();
  const save = useSave({ send: changeSettings, refresh: [keys.settings], done: () => text.saved });
  return (
    <ServerForm
      label={words.title}
      error={save.error}
      onSend={(data) => save.mutate(Object.fromEntries(fields.map(({ name }) => [name, Number(textOf(data, name))])))}
    >
      {fields.map(({ name, ...field }) => (
        <Field
          key={name}
          name={name}
          {...field}
          type="number"
          inputMode="numeric"
          defaultValue={String(settings[name])}
          isRequired
        />
      ))}
      <DisarmFirst />
      <div className="form-actions">
        <Button type="submit" className="button" data-variant="primary" isDisabled={save.isPending || !disarmed}>
          {save.isPending ? text.actions.saving : text.actions.save}
        </Button>
      </div>
    </ServerForm>
  );
}
