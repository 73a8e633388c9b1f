/** A card with a list, a button that adds a row, and the error when the list could not be loaded. */
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import type { ApiError } from '../api/errors';
import { ErrorMessage } from './ErrorMessage';

interface ListCardProps {
  id: string;
  title: string;
  detail: string;
  add: string;
  onAdd: () => void;
  /** Undefined until the rows are loaded. */
  rows: ReactNode[] | undefined;
  error: ApiError | null;
  none?: string;
  /** The dialog that is open, if any. */
  children: ReactNode;
}

export const ListCard = ({ id, title, detail, add, onAdd, rows, error, none, children }: ListCardProps) => (
  <section className="card" aria-labelledby={id} aria-busy={!rows}>
    <div className="card-head">
      <div>
        <h2 id={id}>{title}</h2>
        <p className="hint">{detail}</p>
      </div>
      <Button className="button" onPress={onAdd}>
        <Plus />
        {add}
      </Button>
    </div>
    <ErrorMessage error={rows ? null : error} />
    {none && rows?.length === 0 && <p className="hint">{none}</p>}
    <ul className="rows">{rows}</ul>
    {children}
  </section>
);
