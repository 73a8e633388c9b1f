import { addCode, changeCode, type Code, type CodeFields } from '../../api/people';
import { fieldTime, isoOf } from '../../core/time';
import { keys } from '../../data/keys';
import { usePeople } from '../../data/people';
import { t } from '../../text';
import { DialogActions, DialogFrame } from '../../ui/dialogs';
import { ChoiceField, Field, PinField, Toggle } from '../../ui/fields';
import { ServerForm, textOf, unlessEmpty } from '../../ui/ServerForm';
import { useSave } from '../../ui/useSave';

const NO_OWNER = 'none';

export function CodeForm({ code, onClose }: { code?: Code; onClose: () => void }) {
  const people = usePeople().data ?? [];
  const owners = people.map(({ id, name }) => ({ id: String(id), name }));
  const save = useSave({
    send: (fields: CodeFields) => (code ? changeCode(code.id, fields) : addCode(fields)),
    refresh: [keys.codes],
    done: ({ label }) => (code ? t('saved') : t('people.codeAdded', { name: label })),
    onDone: onClose,
  });
  return (
    <DialogFrame title={code ? t('people.editCode', { name: code.label }) : t('people.addCode')} onClose={onClose}>
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
        <Field name="label" label={t('people.label')} hint={t('people.labelHint')} defaultValue={code?.label} isRequired autoFocus />
        <PinField
          name="pin"
          label={code ? t('people.newPin') : t('people.pin')}
          hint={code ? t('people.keepPin') : t('people.pinHint')}
          isRequired={!code}
        />
        <ChoiceField
          name="person"
          label={t('people.owner')}
          choices={[{ id: NO_OWNER, name: t('people.noOwner') }, ...owners]}
          defaultValue={code?.person ? String(code.person) : NO_OWNER}
        />
        <div className="pair">
          <Field
            name="valid_from"
            type="datetime-local"
            label={t('people.validFrom')}
            defaultValue={fieldTime(code?.valid_from)}
          />
          <Field
            name="valid_until"
            type="datetime-local"
            label={t('people.validUntil')}
            hint={t('people.validHint')}
            defaultValue={fieldTime(code?.valid_until)}
          />
        </div>
        <Toggle name="duress" label={t('people.duress')} hint={t('people.duressHint')} defaultSelected={code?.duress} />
        <Toggle name="is_active" label={t('people.codeActive')} defaultSelected={code?.is_active ?? true} />
        <DialogActions label={code ? t('actions.save') : t('actions.add')} pending={save.isPending} />
      </ServerForm>
    </DialogFrame>
  );
}
