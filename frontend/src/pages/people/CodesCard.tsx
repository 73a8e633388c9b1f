import { KeyRound, Plus, ShieldAlert } from 'lucide-react';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { deleteCode, type Code } from '../../api/people';
import { keys } from '../../data/keys';
import { useCodes } from '../../data/people';
import { text } from '../../text';
import { formatMoment, useMinute } from '../../time';
import { Question } from '../../ui/dialogs';
import { RowMenu } from '../../ui/RowMenu';
import { useSave } from '../../ui/useSave';
import { CodeForm } from './CodeForm';

const words = text.people;

type Open = { action: 'add' } | { action: 'edit' | 'delete'; code: Code };

export function CodesCard() {
  const { data: codes, error } = useCodes();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => {
    setOpen(null);
  };
  return (
    <section className="card" aria-labelledby="codes" aria-busy={!codes}>
      <div className="card-head">
        <div>
          <h2 id="codes">{words.codes}</h2>
          <p className="hint">{words.codesDetail}</p>
        </div>
        <Button
          className="button"
          onPress={() => {
            setOpen({ action: 'add' });
          }}
        >
          <Plus />
          {words.addCode}
        </Button>
      </div>
      <p role="alert" className="error">
        {!codes && error?.message}
      </p>
      {codes?.length === 0 && <p className="hint">{words.noCodes}</p>}
      <ul className="rows">
        {codes?.map((code) => (
          <CodeRow
            key={code.id}
            code={code}
            onAction={(action) => {
              setOpen({ action, code });
            }}
          />
        ))}
      </ul>
      {open?.action === 'add' && <CodeForm onClose={close} />}
      {open?.action === 'edit' && <CodeForm code={open.code} onClose={close} />}
      {open?.action === 'delete' && <DeleteCode code={open.code} onClose={close} />}
    </section>
  );
}

interface CodeRowProps {
  code: Code;
  onAction: (action: 'edit' | 'delete') => void;
}

function CodeRow({ code, onAction }: CodeRowProps) {
  const now = useMinute();
  const { label, person_name, valid_from, valid_until, last_used_at, duress, status } = code;
  const CodeIcon = duress ? ShieldAlert : KeyRound;
  const moment = (word: string, iso: string | null) => iso && `${word} ${formatMoment(iso, now)}`;
  const facts = [
    person_name !== label && person_name,
    duress && words.duress,
    moment(words.from, valid_from),
    moment(words.until, valid_until),
    moment(words.lastUsed, last_used_at) ?? words.neverUsed,
  ];
  return (
    <li className="row" data-inactive={status !== 'active'}>
      <span className="tile">
        <CodeIcon />
      </span>
      <div className="row-words">
        <p className="row-title">
          {label} {status !== 'active' && <span className="tag">{words.statuses[status]}</span>}
        </p>
        <p className="row-detail">{facts.filter(Boolean).join(' · ')}</p>
      </div>
      <RowMenu
        label={text.actions.more(label)}
        actions={[
          {
            name: text.actions.edit,
            run: () => {
              onAction('edit');
            },
          },
          {
            name: text.actions.delete,
            danger: true,
            run: () => {
              onAction('delete');
            },
          },
        ]}
      />
    </li>
  );
}

function DeleteCode({ code: { id, label }, onClose }: { code: Code; onClose: () => void }) {
  const remove = useSave({
    send: () => deleteCode(id),
    refresh: [keys.codes],
    done: () => words.codeDeleted(label),
    onDone: onClose,
  });
  return (
    <Question
      title={words.deleteCodeTitle(label)}
      detail={words.deleteCodeDetail}
      action={text.actions.delete}
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => {
        remove.mutate(undefined);
      }}
      onClose={onClose}
    />
  );
}
