import { addPerson, changePerson, roles, type Person, type PersonFields } from '../../api/people';
import { keys } from '../../data/keys';
import { text } from '../../text';
import { DialogActions, DialogFrame } from '../../ui/dialogs';
import { ChoiceField, Field, Toggle } from '../../ui/fields';
import { ServerForm, textOf, unlessEmpty } from '../../ui/ServerForm';
import { useSave } from '../../ui/useSave';

const words = text.people;
const roleChoices = roles.map((role) => ({ id: role, name: words.roles[role] }));

export function PersonForm({ person, onClose }: { person?: Person; onClose: () => void }) {
  const save = useSave({
    send: (fields: PersonFields) => (person ? changePerson(person.id, fields) : addPerson(fields)),
    // The session has the user's own name and role.
    refresh: [keys.people, keys.codes, keys.session],
    done: ({ name }) => (person ? text.saved : words.personAdded(name)),
    onDone: onClose,
  });
  return (
    <DialogFrame title={person ? words.editPerson(person.name) : words.addPerson} onClose={onClose}>
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
        <Field name="name" label={words.name} defaultValue={person?.name} isRequired autoFocus autoComplete="off" />
        <Field
          name="username"
          label={words.username}
          hint={words.usernameHint}
          defaultValue={person?.username}
          isRequired
          autoComplete="off"
        />
        <Field
          name="password"
          type="password"
          label={person ? words.newPassword : words.password}
          hint={person && words.newPasswordHint}
          isRequired={!person}
          autoComplete="new-password"
        />
        <ChoiceField
          name="role"
          label={words.role}
          hint={words.roleHints}
          choices={roleChoices}
          defaultValue={person?.role ?? 'resident'}
        />
        <Toggle name="is_active" label={words.active} defaultSelected={person?.is_active ?? true} />
        <DialogActions label={person ? text.actions.save : text.actions.add} pending={save.isPending} />
      </ServerForm>
    </DialogFrame>
  );
}
