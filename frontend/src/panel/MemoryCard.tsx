/** What set off an alarm that has ended, until a person acknowledges it, also over disarming and arming again. */
import { BellRing } from 'lucide-react';
import { useState } from 'react';
import type { Alarm } from '../api/alarm';
import { formatMoment, useMinute, useSecondsUntil } from '../core/time';
import { useAlarmAction } from '../data/alarm';
import { useIsKiosk } from '../data/session';
import { t } from '../text';
import { messageOf } from '../ui/ErrorMessage';
import { sensorIcons } from '../ui/icons';
import { PinPad } from './PinPad';

export function MemoryCard({ alarm }: { alarm: Alarm }) {
  const action = useAlarmAction();
  const kiosk = useIsKiosk();
  const now = useMinute();
  const [asking, setAsking] = useState(false);
  const lockedSeconds = useSecondsUntil(action.error?.retryAt ?? 0);
  const delayed = alarm.state === 'pending';
  const acknowledge = (pin?: string) => action.mutate({ acknowledge: pin === undefined ? {} : { pin } });
  return (
    <section className="card memory" aria-labelledby="memory">
      <h2 id="memory">
        <BellRing />
        {t('panel.memory.title')}
      </h2>
      <p className="hint">{t('panel.memory.detail')}</p>
      <ul>
        {alarm.memory.map(({ id, name, kind, at }) => {
          const SensorIcon = sensorIcons[kind];
          return (
            <li key={`${id} ${at}`}>
              <SensorIcon />
              <strong>{name}</strong> <time dateTime={at}>{formatMoment(at, now)}</time>
            </li>
          );
        })}
      </ul>
      {delayed && <p className="hint">{t('panel.memory.waits')}</p>}
      {!delayed && !asking && (
        <button
          type="button"
          className="button"
          disabled={action.isPending}
          onClick={() => (kiosk ? setAsking(true) : acknowledge())}
        >
          {t('panel.memory.acknowledge')}
        </button>
      )}
      {!delayed && asking && (
        <PinPad
          disabled={action.isPending || lockedSeconds > 0}
          submitLabel={t('panel.memory.acknowledge')}
          onType={action.reset}
          onSubmit={acknowledge}
          onBack={() => setAsking(false)}
        />
      )}
      <p role="alert" className="error">
        {action.error && messageOf(action.error)}
        {lockedSeconds > 0 && ` ${t('errors.retryIn', { seconds: lockedSeconds })}`}
      </p>
    </section>
  );
}
