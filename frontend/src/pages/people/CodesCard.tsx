import { KeyRound, ShieldAlert } from 'lucide-react';
import { useState } from 'react';
import { deleteCode, type Code } from '../../api/people';
import { formatMoment, useMinute } from '../../core/time';
import { keys } from '../../data/keys';
import { useCodes } from '../../data/people';
import { text } from '../../text';
import { ConfirmDialog } from '../../ui/dialogs';
import { ListCard } from '../../ui/ListCard';
import { EditOrDelete } from '../../ui/RowMenu';
import { useSave } from '../../ui/useSave';
import { CodeForm } from './CodeForm';

const words = text.people;

type Open = { action: 'add' } | { action: 'edit' | 'delete'; code: Code };

export function CodesCard() {
  const { data: codes, error } = useCodes();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  return (
    <ListCard
      id="codes"
      title={words.codes}
      detail={words.codesDetail}
      add={words.addCode}
      onAdd={() => setOpen({ action: 'add' })}
      error={error}
      none={words.noCodes}
      rows={codes?.map((code) => (
        <CodeRow
          key={code.id}
          code={code}
          onAction={(action) => setOpen({ action, code })}
        />
      ))}
    >
      {open?.action === 'add' && <CodeForm onClose={close} />}
      {open?.action === 'edit' && <CodeForm code={open.code} onClose={close} />}
      {open?.action === 'delete' && <DeleteCode code={open.code} onClose={close} />}
    </ListCard>
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
      <EditOrDelete label={text.actions.more(label)} onAction={onAction} />
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
    <ConfirmDialog
      title={words.deleteCodeTitle(label)}
      detail={words.deleteCodeDetail}
      action={text.actions.delete}
      mutation={remove}
      onClose={onClose}
    />
  );
}
