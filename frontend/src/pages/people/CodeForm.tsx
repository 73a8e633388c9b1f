import { addCode, changeCode, type Code, type CodeFields } from '../../api/people';
import { fieldTime, isoOf } from '../../core/time';
import { keys } from '../../data/keys';
import { usePeople } from '../../data/people';
import { text } from '../../text';
import { DialogActions, DialogFrame } from '../../ui/dialogs';
import { ChoiceField, Field, PinField, Toggle } from '../../ui/fields';
import { ServerForm, textOf, unlessEmpty } from '../../ui/ServerForm';
import { useSave } from '../../ui/useSave';

const words = text.people;
const NO_OWNER = 'none';

export function CodeForm({ code, onClose }: { code?: Code; onClose: () => void }) {
  const people = usePeople().data ?? [];
  const owners = people.map(({ id, name }) => ({ id: String(id), name }));
  const save = useSave({
    send: (fields: CodeFields) => (code ? changeCode(code.id, fields) : addCode(fields)),
    refresh: [keys.codes],
    done: ({ label }) => (code ? text.saved : words.codeAdded(label)),
    onDone: onClose,
  });
  return (
    <DialogFrame title={code ? words.editCode(code.label) : words.addCode} onClose={onClose}>
      <ServerForm
        error={save.error}
        onSend={(data) => {
          const owner = textOf(data, 'person');
          save.mutate({
            label: textOf(data, 'label').trim(),
            person: owner === NO_OWNER ? null : Number(owner),
            duress: data.has('duress'),
            valid_from: isoOf(textOf(data, 'valid_from')),
            valid_until: isoOf(textOf(data, 'valid_until')),
            is_active: data.has('is_active'),
            ...unlessEmpty(data, 'pin'),
          });
        }}
      >
        <Field name="label" label={words.label} hint={words.labelHint} defaultValue={code?.label} isRequired autoFocus />
        <PinField
          name="pin"
          label={code ? words.newPin : words.pin}
          hint={code ? words.keepPin : words.pinHint}
          isRequired={!code}
        />
        <ChoiceField
          name="person"
          label={words.owner}
          choices={[{ id: NO_OWNER, name: words.noOwner }, ...owners]}
          defaultValue={code?.person ? String(code.person) : NO_OWNER}
        />
        <div className="pair">
          <Field
            name="valid_from"
            type="datetime-local"
            label={words.validFrom}
            defaultValue={fieldTime(code?.valid_from)}
          />
          <Field
            name="valid_until"
            type="datetime-local"
            label={words.validUntil}
            hint={words.validHint}
            defaultValue={fieldTime(code?.valid_until)}
          />
        </div>
        <Toggle name="duress" label={words.duress} hint={words.duressHint} defaultSelected={code?.duress} />
        <Toggle name="is_active" label={words.codeActive} defaultSelected={code?.is_active ?? true} />
        <DialogActions label={code ? text.actions.save : text.actions.add} pending={save.isPending} />
      </ServerForm>
    </DialogFrame>
  );
}
