import { armModes, type ArmMode } from '../../api/alarm';
import { changeSettings, type Settings } from '../../api/settings';
import { keys } from '../../data/keys';
import { useIsDisarmed } from '../../data/alarm';
import { useSettings } from '../../data/settings';
import { t } from '../../text';
import { DisarmFirst } from '../../ui/DisarmFirst';
import { messageOf } from '../../ui/ErrorMessage';
import { Field } from '../../ui/fields';
import { SaveButton } from '../../ui/SaveButton';
import { ServerForm, textOf } from '../../ui/ServerForm';
import { useSave } from '../../ui/useSave';

const delays = [
  { name: 'exit_delay', label: 'exitDelay', hint: 'exitDelayHint' },
  { name: 'entry_delay', label: 'entryDelay', hint: 'entryDelayHint' },
] as const;

const others = [
  { name: 'siren_duration', label: 'siren', hint: 'sirenHint', unit: 'seconds', min: 1, max: 86_400 },
  { name: 'retention_days', label: 'retention', hint: 'retentionHint', unit: 'days', min: 1, max: 3650 },
] as const;

export function TimingCard() {
  const { data: settings, error } = useSettings();
  return (
    <section className="card" aria-labelledby="timing" aria-busy={!settings}>
      <h2 id="timing">{t('settings.timing.title')}</h2>
      {!settings && <p className="hint">{error ? messageOf(error) : t('loading')}</p>}
      {/* A change from elsewhere resets the form. */}
      {settings && <TimingForm key={JSON.stringify(settings)} settings={settings} />}
    </section>
  );
}

function TimingForm({ settings }: { settings: Settings }) {
  const disarmed = useIsDisarmed();
  const save = useSave({ send: changeSettings, refresh: [keys.settings], done: () => t('saved') });
  return (
    <ServerForm
      label={t('settings.timing.title')}
      error={save.error}
      onSend={(data) => save.mutate(readForm(data))}
    >
      {delays.map(({ name, label, hint }) => (
        <fieldset key={name} aria-describedby={name}>
          <legend>{t(`settings.timing.${label}`)}</legend>
          <p id={name} className="hint">
            {t(`settings.timing.${hint}`)}
          </p>
          <div className="by-mode">
            {armModes.map((mode) => (
              <Field
                key={mode}
                name={`${name}.${mode}`}
                label={t(`alarm.modes.${mode}`)}
                type="number"
                inputMode="numeric"
                min={0}
                max={3600}
                defaultValue={String(settings[name][mode])}
                isRequired
              />
            ))}
          </div>
        </fieldset>
      ))}
      {others.map(({ name, label, hint, unit, ...limits }) => (
        <Field
          key={name}
          name={name}
          label={t(`settings.timing.${label}`)}
          hint={t(`settings.timing.${hint}`)}
          unit={t(`settings.timing.${unit}`)}
          {...limits}
          type="number"
          inputMode="numeric"
          defaultValue={String(settings[name])}
          isRequired
        />
      ))}
      <DisarmFirst />
      <div className="form-actions">
        <SaveButton pending={save.isPending} isDisabled={!disarmed} />
      </div>
    </ServerForm>
  );
}

function readForm(data: FormData): Settings {
  const numberOf = (name: string) => Number(textOf(data, name));
  const byMode = (name: string) =>
    Object.fromEntries(armModes.map((mode) => [mode, numberOf(`${name}.${mode}`)])) as Record<ArmMode, number>;
  return {
    exit_delay: byMode('exit_delay'),
    entry_delay: byMode('entry_delay'),
    siren_duration: numberOf('siren_duration'),
    retention_days: numberOf('retention_days'),
  };
}
