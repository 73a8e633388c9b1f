/** Arming while disarmed, otherwise disarming with a PIN. */
import { useState } from 'react';
import type { Alarm, ArmMode } from '../api/alarm';
import type { Named } from '../api/schema/types';
import { useSecondsUntil } from '../core/time';
import { useAlarmAction } from '../data/alarm';
import { t } from '../text';
import { messageOf } from '../ui/ErrorMessage';
import { ArmButtons } from './ArmButtons';
import { BypassConfirmation } from './BypassConfirmation';
import { PinPad } from './PinPad';

export function Controls({ alarm, connected }: { alarm: Alarm | undefined; connected: boolean }) {
  const action = useAlarmAction();
  const [confirming, setConfirming] = useState<ArmMode | null>(null);
  const lockedSeconds = useSecondsUntil(action.error?.retryAt ?? 0);
  const disarmed = !alarm || alarm.state === 'disarmed';
  const title = disarmed ? t('panel.armLabel') : t('panel.disarmLabel');
  // Without the socket the page cannot show whether arming worked, so arming is disabled.
  const blocked = !connected || action.isPending;

  const arm = (mode: ArmMode, bypass: Named[] = []) => {
    setConfirming(null);
    action.mutate(
      { arm: { mode, bypass: bypass.map(({ id }) => id) } },
      {
        // A sensor opened during the request: show the confirmation with the backend's list.
        onError: ({ code }) => {
          if (code === 'not_ready') setConfirming(mode);
        },
      },
    );
  };

  const notReady = confirming && alarm ? alarm.not_ready[confirming] : [];
  const isConfirming = disarmed && confirming && notReady.length > 0;
  return (
    <section className="card controls" aria-label={title}>
      <h2>{title}</h2>
      {isConfirming && (
        <BypassConfirmation
          mode={confirming}
          sensors={notReady}
          disabled={blocked}
          onArm={() => arm(confirming, notReady)}
          onBack={() => setConfirming(null)}
        />
      )}
      {disarmed && !isConfirming && (
        <ArmButtons
          // Sensors that were open before the connection was lost may be closed now.
          notReady={connected ? alarm?.not_ready : undefined}
          disabled={blocked}
          onArm={(mode) => {
            if (alarm?.not_ready[mode].length) {
              action.reset();
              setConfirming(mode);
            } else arm(mode);
          }}
        />
      )}
      {!disarmed && (
        <PinPad
          // Enabled offline too: a siren must stop where only the socket is blocked. A failure is shown.
          disabled={action.isPending || lockedSeconds > 0}
          submitLabel={alarm.state === 'arming' ? t('panel.cancelArming') : t('panel.disarm')}
          // Typing the next PIN clears the error of the last.
          onType={action.reset}
          onSubmit={(pin) => action.mutate({ disarm: pin })}
        />
      )}
      <div className="message">
        <p role="alert">{action.error && messageOf(action.error)}</p>
        {lockedSeconds > 0 && <p>{t('errors.retryIn', { seconds: lockedSeconds })}</p>}
        {action.isPending && <p className="hint">{t('panel.sending')}</p>}
        {disarmed && !connected && !action.error && <p className="hint">{t('panel.offlineArm')}</p>}
      </div>
    </section>
  );
}
