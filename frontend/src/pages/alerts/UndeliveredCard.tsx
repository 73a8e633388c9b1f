/** Notifications that wait, or were given up. */
import { CircleAlert, Clock } from 'lucide-react';
import { Button } from 'react-aria-components';
import { dismissDelivery, retryDelivery, type Delivery } from '../../api/notifications';
import { formatMoment, useMinute } from '../../core/time';
import { keys } from '../../data/keys';
import { useOutbox } from '../../data/notifications';
import { t } from '../../text';
import { ErrorMessage } from '../../ui/ErrorMessage';
import { useSave } from '../../ui/useSave';

export function UndeliveredCard() {
  const { data: deliveries, error } = useOutbox();
  return (
    <section className="card" aria-labelledby="undelivered" aria-busy={!deliveries}>
      <h2 id="undelivered">{t('alerts.undelivered.title')}</h2>
      <p className="hint">{t('alerts.undelivered.detail')}</p>
      <ErrorMessage error={deliveries ? null : error} />
      {deliveries?.length === 0 && <p className="hint">{t('alerts.undelivered.none')}</p>}
      <ul className="rows">
        {deliveries?.map((delivery) => (
          <DeliveryRow key={delivery.id} delivery={delivery} />
        ))}
      </ul>
    </section>
  );
}

function DeliveryRow({ delivery: { id, title, body, target, created_at, state, next_at, error } }: { delivery: Delivery }) {
  const now = useMinute();
  const dead = state === 'dead';
  const retry = useSave({
    send: () => retryDelivery(id),
    refresh: [keys.outbox],
    done: () => t('alerts.undelivered.retried'),
  });
  const dismiss = useSave({
    send: () => dismissDelivery(id),
    refresh: [keys.outbox],
    done: () => t('alerts.undelivered.dismissed'),
  });
  const busy = retry.isPending || dismiss.isPending;
  const name = `${title}, ${target.name}`;
  return (
    <li className="row" data-dead={dead}>
      <span className="tile">{dead ? <CircleAlert /> : <Clock />}</span>
      <div className="row-words">
        <p className="row-title">{title}</p>
        {body && <p className="row-detail delivery-body">{body}</p>}
        <p className="row-detail">
          {target.name} · {formatMoment(created_at, now)}
        </p>
        <p className="row-detail">
          {dead ? t('alerts.undelivered.dead') : t('alerts.undelivered.next', { when: formatMoment(next_at, now) })}
        </p>
        {error && <p className="row-error">{error}</p>}
        <ErrorMessage error={retry.error ?? dismiss.error} />
      </div>
      <div className="row-buttons">
        <Button
          className="button"
          data-size="small"
          aria-label={t('alerts.undelivered.retryName', { name })}
          isDisabled={busy}
          onPress={() => retry.mutate(undefined)}
        >
          {t('actions.retry')}
        </Button>
        {dead && (
          <Button
            className="button"
            data-size="small"
            aria-label={t('alerts.undelivered.dismissName', { name })}
            isDisabled={busy}
            onPress={() => dismiss.mutate(undefined)}
          >
            {t('actions.dismiss')}
          </Button>
        )}
      </div>
    </li>
  );
}
