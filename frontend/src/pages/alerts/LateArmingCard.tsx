/** The time at which a notification says that the alarm is not armed. */
import { changeNotificationSettings, type NotificationSettings } from '../../api/notifications';
import { useIsDisarmed } from '../../data/alarm';
import { keys } from '../../data/keys';
import { useNotificationSettings } from '../../data/notifications';
import { t } from '../../text';
import { DisarmFirst } from '../../ui/DisarmFirst';
import { ErrorMessage } from '../../ui/ErrorMessage';
import { Field } from '../../ui/fields';
import { SaveButton } from '../../ui/SaveButton';
import { ServerForm, textOf } from '../../ui/ServerForm';
import { useSave } from '../../ui/useSave';

export function LateArmingCard() {
  const { data: settings, error } = useNotificationSettings();
  return (
    <section className="card" aria-labelledby="late-arming" aria-busy={!settings}>
      <h2 id="late-arming">{t('alerts.lateArming.title')}</h2>
      <p className="hint">{t('alerts.lateArming.detail')}</p>
      <ErrorMessage error={settings ? null : error} />
      {settings && <LateArmingForm key={JSON.stringify(settings)} settings={settings} />}
    </section>
  );
}

function LateArmingForm({ settings }: { settings: NotificationSettings }) {
  const disarmed = useIsDisarmed();
  const save = useSave({
    send: changeNotificationSettings,
    refresh: [keys.notificationSettings],
    done: () => t('saved'),
  });
  return (
    <ServerForm
      label={t('alerts.lateArming.title')}
      error={save.error}
      onSend={(data) =>
        save.mutate({
          late_arming_at: textOf(data, 'late_arming_at') || null,
          time_zone: textOf(data, 'time_zone').trim(),
        })
      }
    >
      <div className="pair">
        <Field
          name="late_arming_at"
          type="time"
          label={t('alerts.lateArming.at')}
          hint={t('alerts.lateArming.atHint')}
          defaultValue={settings.late_arming_at ?? ''}
        />
        <Field
          name="time_zone"
          label={t('alerts.lateArming.zone')}
          hint={t('alerts.lateArming.zoneHint', { zone: Intl.DateTimeFormat().resolvedOptions().timeZone })}
          defaultValue={settings.time_zone}
          isRequired
          autoComplete="off"
        />
      </div>
      <DisarmFirst />
      <div className="form-actions">
        <SaveButton pending={save.isPending} isDisabled={!disarmed} />
      </div>
    </ServerForm>
  );
}
