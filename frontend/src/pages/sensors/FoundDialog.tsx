/** The sensors that Home Assistant, Zigbee2MQTT and others announce at the broker, to be imported with a few taps. */
import { Check } from 'lucide-react';
import { useState } from 'react';
import { Button, CheckboxButton, CheckboxField, CheckboxGroup } from 'react-aria-components';
import { importDiscovered, type DiscoveredSensor } from '../../api/discovered';
import { useRefreshSensors } from '../../data/alarm';
import { useDiscovered } from '../../data/discovered';
import { keys } from '../../data/keys';
import { listOf, t } from '../../text';
import { DialogFrame } from '../../ui/dialogs';
import { ErrorMessage } from '../../ui/ErrorMessage';
import { useSave } from '../../ui/useSave';

const canImport = ({ refusal, sensor }: DiscoveredSensor) => refusal === '' && sensor === null;

export function FoundDialog({ onClose }: { onClose: () => void }) {
  const { data: found, error } = useDiscovered();
  const [chosen, setChosen] = useState<string[]>([]);
  const refresh = useRefreshSensors();
  // One that is not announced any more cannot be imported.
  const wanted = (found ?? []).filter((sensor) => canImport(sensor) && chosen.includes(String(sensor.id)));
  const save = useSave({
    send: () => importDiscovered({ sensors: wanted.map(({ id }) => ({ id })) }),
    refresh: [keys.discovered],
    done: () => t('found.imported', { count: wanted.length }),
    onDone: () => {
      void refresh();
      onClose();
    },
  });
  return (
    <DialogFrame title={t('found.title')} onClose={onClose}>
      <p className="hint">{t('found.detail')}</p>
      <ErrorMessage error={found ? save.error : error} />
      {!found && !error && <p className="hint">{t('loading')}</p>}
      {found?.length === 0 && <p>{t('found.none')}</p>}
      <CheckboxGroup className="field found" aria-label={t('found.title')} value={chosen} onChange={setChosen}>
        {found?.map((sensor) => (
          <FoundSensor key={sensor.id} sensor={sensor} />
        ))}
      </CheckboxGroup>
      <div className="dialog-actions">
        <Button slot="close" className="button">
          {t('actions.cancel')}
        </Button>
        <Button
          className="button"
          data-variant="primary"
          isDisabled={save.isPending || wanted.length === 0}
          onPress={() => save.mutate(undefined)}
        >
          {save.isPending ? t('actions.saving') : t('found.import', { count: wanted.length })}
        </Button>
      </div>
    </DialogFrame>
  );
}

const FoundSensor = ({ sensor }: { sensor: DiscoveredSensor }) => (
  <CheckboxField value={String(sensor.id)} isDisabled={!canImport(sensor)}>
    <CheckboxButton className="check">
      <span className="check-box">
        <Check />
      </span>
      <span>
        {sensor.name}
        <span className="field-hint">{wordsOf(sensor)}</span>
      </span>
    </CheckboxButton>
  </CheckboxField>
);

/** Why it cannot be imported, otherwise what it is and what supervises it. */
function wordsOf({ refusal, sensor, kind, model, origin, tells }: DiscoveredSensor): string {
  if (sensor !== null) return t('found.isImported');
  if (refusal !== '') return t(`found.refusals.${refusal}`);
  const told = tells.map((one) => t(`found.tells.${one}`));
  return [kind && t(`sensors.kinds.${kind}`), model || origin, listOf(told)].filter(Boolean).join(' · ');
}
