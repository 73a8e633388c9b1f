/** What can be done now: arm while disarmed, else disarm with a PIN. */
import { useState } from 'react';
import type { Alarm, ArmMode } from '../api/alarm';
import type { Named } from '../api/schema/types';
import { useSecondsUntil } from '../core/time';
import { useAlarmAction } from '../data/alarm';
import { text } from '../text';
import { messageOf } from '../ui/ErrorMessage';
import { ArmButtons } from './ArmButtons';
import { BypassConfirmation } from './BypassConfirmation';
import { PinPad } from './PinPad';

export function Controls({ alarm, connected }: { alarm: Alarm | undefined; connected: boolean }) {
  const action = useAlarmAction();
  const [asked, setAsked] = useState<ArmMode | null>(null);
  const lockedSeconds = useSecondsUntil(action.error?.retryAt ?? 0);
  const disarmed = !alarm || alarm.state === 'disarmed';
  const title = disarmed ? text.panel.armLabel : text.panel.disarmLabel;
  // Without the socket nobody would see whether arming worked, so it has to wait.
  const blocked = !connected || action.isPending;

  const arm = (mode: ArmMode, bypass: Named[] = []) => {
    setAsked(null);
    action.mutate(
      { arm: { mode, bypass: bypass.map(({ id }) => id) } },
      {
        // A sensor opened at the very moment: the same question, with what the backend says now.
        onError: ({ code }) => {
          if (code === 'not_ready') setAsked(mode);
        },
      },
    );
  };

  const inTheWay = asked && alarm ? alarm.not_ready[asked] : [];
  const asking = disarmed && asked && inTheWay.length > 0;
  return (
    <section className="card controls" aria-label={title}>
      <h2>{title}</h2>
      {asking && (
        <BypassConfirmation
          mode={asked}
          sensors={inTheWay}
          disabled={blocked}
          onArm={() => {
            arm(asked, inTheWay);
          }}
          onBack={() => {
            setAsked(null);
          }}
        />
      )}
      {disarmed && !asking && (
        <ArmButtons
          // What was open when the connection was lost may be closed by now.
          notReady={connected ? alarm?.not_ready : undefined}
          disabled={blocked}
          onArm={(mode) => {
            if (alarm?.not_ready[mode].length) {
              action.reset();
              setAsked(mode);
            } else arm(mode);
          }}
        />
      )}
      {!disarmed && (
        <PinPad
          // Offline too: a siren must stop even where only the socket is blocked, and a failure says so.
          disabled={action.isPending || lockedSeconds > 0}
          submitLabel={alarm.state === 'arming' ? text.panel.cancelArming : text.panel.disarm}
          // What was wrong with the last PIN is no news once the next one is being typed.
          onType={action.reset}
          onSubmit={(pin) => {
            action.mutate({ disarm: pin });
          }}
        />
      )}
      <div className="message">
        <p role="alert">{action.error && messageOf(action.error)}</p>
        {lockedSeconds > 0 && <p>{text.errors.retryIn(lockedSeconds)}</p>}
        {action.isPending && <p className="hint">{text.panel.sending}</p>}
        {disarmed && !connected && !action.error && <p className="hint">{text.panel.offlineArm}</p>}
      </div>
    </section>
  );
}
