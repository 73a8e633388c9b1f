import { UserRound } from 'lucide-react';
import { useState } from 'react';
import { deletePerson, type Person } from '../../api/people';
import { keys } from '../../data/keys';
import { usePeople } from '../../data/people';
import { useMe } from '../../data/session';
import { t } from '../../text';
import { ConfirmDialog } from '../../ui/dialogs';
import { ListCard } from '../../ui/ListCard';
import { EditOrDelete } from '../../ui/RowMenu';
import { useSave } from '../../ui/useSave';
import { PersonForm } from './PersonForm';

type Open = { action: 'add' } | { action: 'edit' | 'delete'; person: Person };

export function PeopleCard() {
  const { data: people, error } = usePeople();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  return (
    <ListCard
      id="people"
      title={t('people.people')}
      detail={t('people.peopleDetail')}
      add={t('people.addPerson')}
      onAdd={() => setOpen({ action: 'add' })}
      error={error}
      rows={people?.map((person) => (
        <PersonRow
          key={person.id}
          person={person}
          onAction={(action) => setOpen({ action, person })}
        />
      ))}
    >
      {open?.action === 'add' && <PersonForm onClose={close} />}
      {open?.action === 'edit' && <PersonForm person={open.person} onClose={close} />}
      {open?.action === 'delete' && <DeletePerson person={open.person} onClose={close} />}
    </ListCard>
  );
}

interface PersonRowProps {
  person: Person;
  onAction: (action: 'edit' | 'delete') => void;
}

function PersonRow({ person, onAction }: PersonRowProps) {
  const isMe = useMe().id === person.id;
  const details = [person.username, t(`people.roles.${person.role}`), isMe && t('people.you')];
  return (
    <li className="row" data-inactive={!person.is_active}>
      <span className="tile">
        <UserRound />
      </span>
      <div className="row-words">
        <p className="row-title">
          {person.name} {!person.is_active && <span className="tag">{t('people.inactive')}</span>}
        </p>
        <p className="row-detail">{details.filter(Boolean).join(' · ')}</p>
      </div>
      <EditOrDelete label={t('actions.more', { name: person.name })} onAction={onAction} />
    </li>
  );
}

function DeletePerson({ person: { id, name }, onClose }: { person: Person; onClose: () => void }) {
  const remove = useSave({
    send: () => deletePerson(id),
    refresh: [keys.people, keys.codes],
    done: () => t('people.personDeleted', { name }),
    onDone: onClose,
  });
  return (
    <ConfirmDialog
      title={t('people.deletePersonTitle', { name })}
      detail={t('people.deletePersonDetail')}
      action={t('actions.delete')}
      mutation={remove}
      onClose={onClose}
    />
  );
}
