/** The filters. Each change applies at once and is written to the address. */
import { ToggleButton, ToggleButtonGroup, Button } from 'react-aria-components';
import { eventKinds, type EventFilters } from '../../api/events';
import { useSensors } from '../../data/alarm';
import { usePeople } from '../../data/people';
import { useIsAdmin } from '../../data/session';
import { t } from '../../text';
import { wordFor } from '../../text';
import { ChoiceField, Field } from '../../ui/fields';
import './filters.css';

const ANY = 'any';

interface FiltersProps {
  filters: EventFilters;
  filtered: boolean;
  onChange: (filters: EventFilters) => void;
}

export function Filters({ filters, filtered, onChange }: FiltersProps) {
  const admin = useIsAdmin();
  const sensors = useSensors().data ?? [];
  const people = usePeople(admin).data ?? [];
  // The backend sends events of duress to administrators only.
  const kinds = eventKinds.filter((kind) => admin || kind !== 'duress');

  return (
    <section className="card filters" aria-label={t('events.filters')}>
      <ToggleButtonGroup
        aria-label={t('events.kind')}
        className="chips"
        selectionMode="multiple"
        selectedKeys={filters.kind ?? []}
        onSelectionChange={(keys) => {
          onChange({ ...filters, kind: keys.size > 0 ? [...keys].map(String) : undefined });
        }}
      >
        {kinds.map((kind) => (
          <ToggleButton key={kind} id={kind} className="chip">
            {wordFor(kind, 'events.kinds')}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      <div className="filter-fields">
        <NamedChoice
          label={t('events.sensor')}
          known={sensors}
          value={filters.sensor}
          onChange={(sensor) => onChange({ ...filters, sensor })}
        />
        {admin && (
          <NamedChoice
            label={t('events.person')}
            known={people}
            value={filters.person}
            onChange={(person) => onChange({ ...filters, person })}
          />
        )}
        <DayField
          label={t('events.since')}
          value={filters.since}
          onChange={(since) => onChange({ ...filters, since })}
        />
        <DayField
          label={t('events.until')}
          value={filters.until}
          onChange={(until) => onChange({ ...filters, until })}
        />
        {filtered && (
          <Button
            className="button"
            onPress={() => onChange({})}
          >
            {t('events.clear')}
          </Button>
        )}
      </div>
    </section>
  );
}

interface NamedChoiceProps {
  label: string;
  known: { id: number; name: string }[];
  value: number | undefined;
  onChange: (id: number | undefined) => void;
}

const NamedChoice = ({ label, known, value, onChange }: NamedChoiceProps) => (
  <ChoiceField
    label={label}
    choices={[{ id: ANY, name: t('events.any') }, ...known.map(({ id, name }) => ({ id: String(id), name }))]}
    value={value === undefined ? ANY : String(value)}
    onChange={(id) => onChange(id === ANY ? undefined : Number(id))}
  />
);

interface DayFieldProps {
  label: string;
  value: string | undefined;
  onChange: (day: string | undefined) => void;
}

const DayField = ({ label, value, onChange }: DayFieldProps) => (
  <Field
    label={label}
    type="date"
    value={value ?? ''}
    onChange={(day) => onChange(day === '' ? undefined : day)}
  />
);
