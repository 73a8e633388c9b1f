import { addChannel, changeChannel, notificationKinds, type Channel, type ChannelFields } from '../../api/notifications';
import { useIsDisarmed } from '../../data/alarm';
import { keys } from '../../data/keys';
import { usePeople } from '../../data/people';
import { t } from '../../text';
import { DialogActions, DialogFrame } from '../../ui/dialogs';
import { DisarmFirst } from '../../ui/DisarmFirst';
import { ChoiceField, Field, Toggle } from '../../ui/fields';
import { ServerForm, textOf, unlessEmpty } from '../../ui/ServerForm';
import { SeveralField } from '../../ui/SeveralField';
import { useSave } from '../../ui/useSave';
import { kindChoices } from './words';

/** The choice for no person, as a field's value is a text. */
const NOBODY = 'nobody';
const SECONDS_PER_MINUTE = 60;

export function ChannelForm({ channel, onClose }: { channel?: Channel; onClose: () => void }) {
  const disarmed = useIsDisarmed();
  const people = usePeople().data ?? [];
  const save = useSave({
    send: (fields: ChannelFields) => (channel ? changeChannel(channel.id, fields) : addChannel(fields)),
    refresh: [keys.channels],
    done: ({ name }) => (channel ? t('saved') : t('alerts.added', { name })),
    onDone: onClose,
  });
  const minutes = channel?.escalate_after ? String(channel.escalate_after / SECONDS_PER_MINUTE) : '';
  return (
    <DialogFrame title={channel ? t('alerts.edit', { name: channel.name }) : t('alerts.channels.add')} onClose={onClose}>
      <ServerForm error={save.error} onSend={(data) => save.mutate(fieldsOf(data))}>
        <Field name="name" label={t('alerts.name')} defaultValue={channel?.name} isRequired autoFocus autoComplete="off" />
        <Field
          name="url"
          label={t('alerts.channels.url')}
          hint={channel ? t('alerts.channels.urlKept') : t('alerts.channels.urlHint')}
          isRequired={!channel}
          autoComplete="off"
          spellCheck="false"
        />
        <SeveralField
          name="kinds"
          label={t('alerts.kindsLabel')}
          choices={kindChoices()}
          defaultValue={channel?.kinds ?? ['alarm', 'duress', 'trouble']}
        />
        <ChoiceField
          name="person"
          label={t('alerts.channels.person')}
          hint={t('alerts.channels.personHint')}
          choices={[
            { id: NOBODY, name: t('alerts.channels.nobody') },
            ...people.filter(({ role }) => role !== 'kiosk').map(({ id, name }) => ({ id: String(id), name })),
          ]}
          defaultValue={channel?.person ? String(channel.person) : NOBODY}
        />
        <Field
          name="escalate_after"
          type="number"
          label={t('alerts.channels.escalate')}
          hint={t('alerts.channels.escalateHint')}
          unit={t('alerts.minutes')}
          min={1}
          max={1440}
          defaultValue={minutes}
        />
        <Toggle name="enabled" label={t('alerts.enabled')} defaultSelected={channel?.enabled ?? true} />
        {channel && <DisarmFirst />}
        <DialogActions
          label={channel ? t('actions.save') : t('actions.add')}
          pending={save.isPending || (!!channel && !disarmed)}
        />
      </ServerForm>
    </DialogFrame>
  );
}

function fieldsOf(data: FormData): ChannelFields {
  const person = textOf(data, 'person');
  const minutes = textOf(data, 'escalate_after');
  return {
    name: textOf(data, 'name').trim(),
    kinds: notificationKinds.filter((kind) => data.getAll('kinds').includes(kind)),
    person: person === NOBODY ? null : Number(person),
    escalate_after: minutes === '' ? null : Number(minutes) * SECONDS_PER_MINUTE,
    enabled: data.has('enabled'),
    ...unlessEmpty(data, 'url'),
  };
}
