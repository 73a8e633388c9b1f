import { KeyRound, ShieldAlert } from 'lucide-react';
import { useState } from 'react';
import { deleteCode, type Code } from '../../api/people';
import { formatMoment, useMinute } from '../../core/time';
import { keys } from '../../data/keys';
import { useCodes } from '../../data/people';
import { t } from '../../text';
import { ConfirmDialog } from '../../ui/dialogs';
import { ListCard } from '../../ui/ListCard';
import { EditOrDelete } from '../../ui/RowMenu';
import { useSave } from '../../ui/useSave';
import { CodeForm } from './CodeForm';

type Open = { action: 'add' } | { action: 'edit' | 'delete'; code: Code };

export function CodesCard() {
  const { data: codes, error } = useCodes();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  return (
    <ListCard
      id="codes"
      title={t('people.codes')}
      detail={t('people.codesDetail')}
      add={t('people.addCode')}
      onAdd={() => setOpen({ action: 'add' })}
      error={error}
      none={t('people.noCodes')}
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
    duress && t('people.duress'),
    moment(t('people.from'), valid_from),
    moment(t('people.until'), valid_until),
    moment(t('people.lastUsed'), last_used_at) ?? t('people.neverUsed'),
  ];
  return (
    <li className="row" data-inactive={status !== 'active'}>
      <span className="tile">
        <CodeIcon />
      </span>
      <div className="row-words">
        <p className="row-title">
          {label} {status !== 'active' && <span className="tag">{t(`people.statuses.${status}`)}</span>}
        </p>
        <p className="row-detail">{facts.filter(Boolean).join(' · ')}</p>
      </div>
      <EditOrDelete label={t('actions.more', { name: label })} onAction={onAction} />
    </li>
  );
}

function DeleteCode({ code: { id, label }, onClose }: { code: Code; onClose: () => void }) {
  const remove = useSave({
    send: () => deleteCode(id),
    refresh: [keys.codes],
    done: () => t('people.codeDeleted', { name: label }),
    onDone: onClose,
  });
  return (
    <ConfirmDialog
      title={t('people.deleteCodeTitle', { name: label })}
      detail={t('people.deleteCodeDetail')}
      action={t('actions.delete')}
      mutation={remove}
      onClose={onClose}
    />
  );
}
