/** Arming while disarmed; otherwise disarming with a PIN, or another mode. */
import { useState } from 'react';
import { armModes, type Alarm, type ArmMode, type Preventing } from '../api/alarm';
import { useSecondsUntil } from '../core/time';
import { useAlarmAction } from '../data/alarm';
import { t } from '../text';
import { messageOf } from '../ui/ErrorMessage';
import { ArmButtons } from './ArmButtons';
import { BypassConfirmation } from './BypassConfirmation';
import { OtherModes } from './OtherModes';
import { PinPad } from './PinPad';

/** An arming that waits for the user, and the state in which it was asked for: another state ends it. */
interface Waiting {
  for: 'confirmation' | 'pin';
  in: Alarm['state'];
  mode: ArmMode;
  /** The sensors that the user leaves out. */
  bypass: Preventing[];
}

export function Controls({ alarm, connected }: { alarm: Alarm | undefined; connected: boolean }) {
  const action = useAlarmAction();
  const [asked, setWaiting] = useState<Waiting | null>(null);
  const lockedSeconds = useSecondsUntil(action.error?.retryAt ?? 0);
  const state = alarm?.state ?? 'disarmed';
  const disarmed = state === 'disarmed';
  const waiting = asked?.in === state ? asked : null;
  // Without the socket the page cannot show whether arming worked, so arming is disabled.
  const blocked = !connected || action.isPending;
  const padDisabled = action.isPending || lockedSeconds > 0;

  const arm = (mode: ArmMode, bypass: Preventing[] = [], pin?: string) => {
    if (pin === undefined) setWaiting(null);
    action.mutate(
      { arm: { mode, bypass: bypass.map(({ id }) => id), ...(pin !== undefined && { pin }) } },
      {
        onSuccess: () => setWaiting(null),
        onError: ({ code }) => {
          // A sensor opened during the request: show the confirmation with the backend's list.
          if (code === 'not_ready') setWaiting({ for: 'confirmation', in: state, mode, bypass: [] });
          // Less would be watched, or the page is a kiosk's.
          if (code === 'pin_required') setWaiting({ for: 'pin', in: state, mode, bypass });
        },
      },
    );
  };
  const choose = (mode: ArmMode) => {
    if (alarm?.not_ready[mode].length) {
      action.reset();
      setWaiting({ for: 'confirmation', in: state, mode, bypass: [] });
    } else arm(mode);
  };

  const notReady = waiting?.for === 'confirmation' && alarm ? alarm.not_ready[waiting.mode] : [];
  const title =
    waiting?.for === 'pin' ? t(`panel.pinToArm.${waiting.mode}`) : t(disarmed ? 'panel.armLabel' : 'panel.disarmLabel');
  const view = waiting && notReady.length > 0 ? 'confirmation' : waiting?.for === 'pin' ? 'pin' : disarmed ? 'arm' : 'disarm';
  return (
    <section className="card controls" aria-label={title}>
      <h2>{title}</h2>
      {view === 'confirmation' && waiting && (
        <BypassConfirmation
          mode={waiting.mode}
          sensors={notReady}
          disabled={blocked}
          onArm={() => arm(waiting.mode, notReady)}
          onBack={() => setWaiting(null)}
        />
      )}
      {view === 'pin' && waiting && (
        <PinPad
          key="arm"
          disabled={padDisabled}
          submitLabel={t(`panel.arm.${waiting.mode}`)}
          onType={action.reset}
          onSubmit={(pin) => arm(waiting.mode, waiting.bypass, pin)}
          onBack={() => {
            action.reset();
            setWaiting(null);
          }}
        />
      )}
      {view === 'arm' && (
        <ArmButtons
          modes={armModes}
          // Sensors that were open before the connection was lost may be closed now.
          notReady={connected ? alarm?.not_ready : undefined}
          disabled={blocked}
          onArm={choose}
        />
      )}
      {view === 'disarm' && (
        <PinPad
          key="disarm"
          // Enabled offline too: a siren must stop where only the socket is blocked. A failure is shown.
          disabled={padDisabled}
          submitLabel={t(state === 'arming' ? 'panel.cancelArming' : 'panel.disarm')}
          // Typing the next PIN clears the error of the last.
          onType={action.reset}
          onSubmit={(pin) => action.mutate({ disarm: pin })}
        />
      )}
      <div className="message">
        {/* That a PIN is needed is in the title, and is no error. */}
        <p role="alert">{action.error && action.error.code !== 'pin_required' && messageOf(action.error)}</p>
        {lockedSeconds > 0 && <p>{t('errors.retryIn', { seconds: lockedSeconds })}</p>}
        {action.isPending && <p className="hint">{t('panel.sending')}</p>}
        {disarmed && !connected && !action.error && <p className="hint">{t('panel.offlineArm')}</p>}
      </div>
      {view === 'disarm' && <OtherModes state={state} disabled={blocked} onArm={choose} />}
    </section>
  );
}
