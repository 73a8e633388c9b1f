/** Notifications of this device while the page is closed, and a person's other browsers that have them. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { BellRing } from 'lucide-react';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { addPush, deletePush, testPush, type Kind, type Push, type PushBrowser } from '../../api/notifications';
import { ownError } from '../../api/errors';
import { formatMoment, useMinute } from '../../core/time';
import { keys } from '../../data/keys';
import { usePush } from '../../data/notifications';
import { ownFingerprint, pushAbility, subscribe, unsubscribe } from '../../device/push';
import { listOf, t } from '../../text';
import { DisarmFirst } from '../../ui/DisarmFirst';
import { ErrorMessage, messageOf } from '../../ui/ErrorMessage';
import { SeveralField } from '../../ui/SeveralField';
import { useSave } from '../../ui/useSave';
import { useIsDisarmed } from '../../data/alarm';
import { TestResult } from './TestResult';
import { kindChoices, kindsOf } from './words';

export function PushCard() {
  const { data: push, error } = usePush();
  // Null until the browser has said whether it is subscribed.
  const own = useQuery({ queryKey: keys.ownPush, queryFn: ownFingerprint });
  const ability = pushAbility();
  return (
    <section className="card" aria-labelledby="push" aria-busy={!push}>
      <h2 id="push">{t('alerts.push.title')}</h2>
      <p className="hint">{t('alerts.push.detail')}</p>
      <ErrorMessage error={push ? null : error} />
      {ability !== 'able' && <p className="push-obstacle">{t(`alerts.push.${ability}`)}</p>}
      {ability === 'able' && push && own.isSuccess && (
        <ThisBrowser
          // Its choices are those of the subscription.
          key={own.data ?? ''}
          push={push}
          own={push.subscriptions.find(({ fingerprint }) => fingerprint === own.data)}
        />
      )}
      {push && push.subscriptions.length > 0 && (
        <ul className="rows">
          {push.subscriptions.map((browser) => (
            <BrowserRow key={browser.id} browser={browser} isOwn={browser.fingerprint === own.data} />
          ))}
        </ul>
      )}
    </section>
  );
}

function ThisBrowser({ push, own }: { push: Push; own: PushBrowser | undefined }) {
  const disarmed = useIsDisarmed();
  const [kinds, setKinds] = useState<Kind[]>(own?.kinds ?? push.kinds.filter((kind) => kind !== 'arming'));
  const turnOn = useSave({
    send: async () => {
      const subscription = await subscribe(push.public_key, !!own).catch(() => {
        throw ownError('push_refused');
      });
      return addPush({ ...subscription, kinds });
    },
    refresh: [keys.push, keys.ownPush],
    done: () => (own ? t('saved') : t('alerts.push.on')),
  });
  return (
    <div className="push-own">
      <SeveralField
        label={t('alerts.kindsLabel')}
        choices={kindChoices(push.kinds)}
        value={kinds}
        onChange={(chosen) => setKinds(push.kinds.filter((kind) => chosen.includes(kind)))}
      />
      <DisarmFirst />
      <ErrorMessage error={turnOn.error} />
      <Button
        className="button"
        data-variant="primary"
        isDisabled={turnOn.isPending || kinds.length === 0 || !disarmed}
        onPress={() => turnOn.mutate(undefined)}
      >
        <BellRing />
        {own ? t('actions.save') : t('alerts.push.turnOn')}
      </Button>
    </div>
  );
}

function BrowserRow({ browser, isOwn }: { browser: PushBrowser; isOwn: boolean }) {
  const { id, device, kinds, created_at, error } = browser;
  const now = useMinute();
  const disarmed = useIsDisarmed();
  const test = useMutation({ mutationFn: () => testPush(id) });
  const turnOff = useSave({
    send: async () => {
      await deletePush(id);
      if (isOwn) await unsubscribe();
    },
    refresh: [keys.push, keys.ownPush],
    done: () => t('alerts.push.off'),
  });
  return (
    <li className="row">
      <span className="tile">
        <BellRing />
      </span>
      <div className="row-words">
        <p className="row-title">
          {device} {isOwn && <span className="tag">{t('alerts.push.this')}</span>}
        </p>
        <p className="row-detail">{listOf(kindsOf(kinds))}</p>
        <p className="row-detail">{t('alerts.push.since', { when: formatMoment(created_at, now) })}</p>
        {error && <p className="row-error">{error}</p>}
        <TestResult pending={test.isPending} result={test.data} failure={test.error && messageOf(test.error)} />
        <ErrorMessage error={turnOff.error} />
      </div>
      <div className="row-buttons">
        <Button className="button" data-size="small" isDisabled={test.isPending} onPress={() => test.mutate()}>
          {t('alerts.test')}
        </Button>
        <Button
          className="button"
          data-size="small"
          aria-label={t('alerts.push.turnOffName', { name: device })}
          isDisabled={turnOff.isPending || !disarmed}
          onPress={() => turnOff.mutate(undefined)}
        >
          {t('alerts.push.turnOff')}
        </Button>
      </div>
    </li>
  );
}
