import { UserRound } from 'lucide-react';
import { useState } from 'react';
import { deletePerson, type Person } from '../../api/people';
import { keys } from '../../data/keys';
import { usePeople } from '../../data/people';
import { useMe } from '../../data/session';
import { text } from '../../text';
import { ConfirmDialog } from '../../ui/dialogs';
import { ListCard } from '../../ui/ListCard';
import { EditOrDelete } from '../../ui/RowMenu';
import { useSave } from '../../ui/useSave';
import { PersonForm } from './PersonForm';

const words = text.people;

type Open = { action: 'add' } | { action: 'edit' | 'delete'; person: Person };

export function PeopleCard() {
  const { data: people, error } = usePeople();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  return (
    <ListCard
      id="people"
      title={words.people}
      detail={words.peopleDetail}
      add={words.addPerson}
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
  const details = [person.username, words.roles[person.role], isMe && words.you];
  return (
    <li className="row" data-inactive={!person.is_active}>
      <span className="tile">
        <UserRound />
      </span>
      <div className="row-words">
        <p className="row-title">
          {person.name} {!person.is_active && <span className="tag">{words.inactive}</span>}
        </p>
        <p className="row-detail">{details.filter(Boolean).join(' · ')}</p>
      </div>
      <EditOrDelete label={text.actions.more(person.name)} onAction={onAction} />
    </li>
  );
}

function DeletePerson({ person: { id, name }, onClose }: { person: Person; onClose: () => void }) {
  const remove = useSave({
    send: () => deletePerson(id),
    refresh: [keys.people, keys.codes],
    done: () => words.personDeleted(name),
    onDone: onClose,
  });
  return (
    <ConfirmDialog
      title={words.deletePersonTitle(name)}
      detail={words.deletePersonDetail}
      action={text.actions.delete}
      mutation={remove}
      onClose={onClose}
    />
  );
}
