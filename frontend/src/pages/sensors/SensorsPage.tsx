/** All sensors with their states. Administrators can also add, edit and delete them. */
import { Plus, Radio } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from 'react-aria-components';
import type { Sensor } from '../../api/sensors';
import { useBypass, useIsDisarmed, useSensors } from '../../data/alarm';
import { useLiveStatus } from '../../data/liveStatus';
import { useIsAdmin } from '../../data/session';
import { t } from '../../text';
import { DisarmFirst } from '../../ui/DisarmFirst';
import { ErrorMessage } from '../../ui/ErrorMessage';
import { Page } from '../../ui/Page';
import { notify } from '../../ui/toasts';
import { FoundDialog } from './FoundDialog';
import { DeleteSensor, ReplaceToken } from './SensorDialogs';
import { SensorForm } from './SensorForm';
import { SensorRow, type SensorAction } from './SensorRow';
import './sensors.css';
import { TokenDialog, type NewToken } from './TokenDialog';

type Open = { action: SensorAction; sensor: Sensor } | { action: 'add' | 'import' } | ({ action: 'show token' } & NewToken);

export function SensorsPage() {
  const admin = useIsAdmin();
  const status = useLiveStatus();
  const live = status === 'live';
  const disarmed = useIsDisarmed();
  const { data: sensors, error } = useSensors();
  const bypass = useBypass();
  const [open, setOpen] = useState<Open | null>(null);
  const addButton = useRef<HTMLButtonElement>(null);
  const wasTokenShown = useRef(false);
  const isTokenShown = open?.action === 'show token';
  // The token's dialog replaced another one, so there is no element left to return the focus to.
  useEffect(() => {
    if (wasTokenShown.current && !isTokenShown) addButton.current?.focus();
    wasTokenShown.current = isTokenShown;
  }, [isTokenShown]);
  const close = () => setOpen(null);
  const showToken = (token: NewToken) => setOpen({ action: 'show token', ...token });

  return (
    <Page
      title={t('sensors.title')}
      actions={
        admin && (
          <>
            <Button className="button" isDisabled={!disarmed} onPress={() => setOpen({ action: 'import' })}>
              <Radio />
              {t('found.open')}
            </Button>
            <Button
              ref={addButton}
              className="button"
              data-variant="primary"
              isDisabled={!disarmed}
              onPress={() => setOpen({ action: 'add' })}
            >
              <Plus />
              {t('sensors.add')}
            </Button>
          </>
        )
      }
    >
      <section className="card" aria-label={t('sensors.title')} aria-busy={!sensors}>
        <ErrorMessage error={sensors ? bypass.error : error} />
        <DisarmFirst />
        {status === 'offline' && sensors && <p className="hint">{t('sensors.lastKnown')}</p>}
        {!sensors && !error && <p className="hint">{t('loading')}</p>}
        {sensors?.length === 0 && <p className="hint">{admin ? t('sensors.noneAdmin') : t('sensors.none')}</p>}
        <ul className="rows" data-current={live}>
          {sensors?.map((sensor) => (
            <SensorRow
              key={sensor.id}
              sensor={sensor}
              live={live}
              disarmed={disarmed}
              onBypass={(bypassed) => {
                bypass.mutate(
                  { id: sensor.id, bypassed },
                  {
                    onSuccess: () => notify(t(bypassed ? 'sensors.bypassOn' : 'sensors.bypassOff', { name: sensor.name })),
                  },
                );
              }}
              onAction={
                admin
                  ? (action) => setOpen({ action, sensor })
                  : undefined
              }
            />
          ))}
        </ul>
      </section>
      {open?.action === 'add' && <SensorForm onClose={close} onToken={showToken} />}
      {open?.action === 'import' && <FoundDialog onClose={close} />}
      {open?.action === 'edit' && <SensorForm sensor={open.sensor} onClose={close} onToken={showToken} />}
      {open?.action === 'delete' && <DeleteSensor sensor={open.sensor} onClose={close} />}
      {open?.action === 'replace token' && (
        <ReplaceToken sensor={open.sensor} onClose={close} onToken={showToken} />
      )}
      {open?.action === 'show token' && <TokenDialog {...open} onClose={close} />}
    </Page>
  );
}
