import { addPerson, changePerson, roles, type Person, type PersonFields } from '../../api/people';
import { keys } from '../../data/keys';
import { t } from '../../text';
import { DialogActions, DialogFrame } from '../../ui/dialogs';
import { ChoiceField, Field, Toggle } from '../../ui/fields';
import { ServerForm, textOf, unlessEmpty } from '../../ui/ServerForm';
import { useSave } from '../../ui/useSave';


export function PersonForm({ person, onClose }: { person?: Person; onClose: () => void }) {
  const save = useSave({
    send: (fields: PersonFields) => (person ? changePerson(person.id, fields) : addPerson(fields)),
    // The session has the user's own name and role.
    refresh: [keys.people, keys.codes, keys.session],
    done: ({ name }) => (person ? t('saved') : t('people.personAdded', { name })),
    onDone: onClose,
  });
  return (
    <DialogFrame title={person ? t('people.editPerson', { name: person.name }) : t('people.addPerson')} onClose={onClose}>
      <ServerForm
        error={save.error}
        onSend={(data) => {
          save.mutate({
            name: textOf(data, 'name').trim(),
            username: textOf(data, 'username').trim(),
            role: roles.find((role) => role === textOf(data, 'role')) ?? 'resident',
            is_active: data.has('is_active'),
            ...unlessEmpty(data, 'password'),
          });
        }}
      >
        <Field name="name" label={t('people.name')} defaultValue={person?.name} isRequired autoFocus autoComplete="off" />
        <Field
          name="username"
          label={t('people.username')}
          hint={t('people.usernameHint')}
          defaultValue={person?.username}
          isRequired
          autoComplete="off"
        />
        <Field
          name="password"
          type="password"
          label={person ? t('people.newPassword') : t('people.password')}
          hint={person && t('people.newPasswordHint')}
          isRequired={!person}
          autoComplete="new-password"
        />
        <ChoiceField
          name="role"
          label={t('people.role')}
          hint={t('people.roleHints')}
          choices={roles.map((role) => ({ id: role, name: t(`people.roles.${role}`) }))}
          defaultValue={person?.role ?? 'resident'}
        />
        <Toggle name="is_active" label={t('people.active')} defaultSelected={person?.is_active ?? true} />
        <DialogActions label={person ? t('actions.save') : t('actions.add')} pending={save.isPending} />
      </ServerForm>
    </DialogFrame>
  );
}
