/** What can be done now: arm while disarmed, else disarm with a PIN. */
import type { Alarm } from '../api';
import { useAlarmAction } from '../alarm';
import { text } from '../text';
import { useSecondsUntil } from '../time';
import { ArmButtons } from './ArmButtons';
import { PinPad } from './PinPad';

export function Controls({ alarm, connected }: { alarm: Alarm | undefined; connected: boolean }) {
  const action = useAlarmAction();
  const lockedSeconds = useSecondsUntil(action.error?.retryAt ?? 0);
  const disarmed = !alarm || alarm.state === 'disarmed';
  const title = disarmed ? text.controls.armLabel : text.controls.disarmLabel;

  return (
    <section className="card controls" aria-label={title}>
      <h2>{title}</h2>
      {disarmed ? (
        <ArmButtons
          // Without the socket nobody would see whether arming worked, so it has to wait.
          disabled={!connected || action.isPending}
          onArm={(mode) => {
            action.mutate({ arm: mode });
          }}
        />
      ) : (
        <PinPad
          // Offline too: a siren must stop even where only the socket is blocked, and a failure says so.
          disabled={action.isPending || lockedSeconds > 0}
          submitLabel={alarm.state === 'arming' ? text.controls.cancelArming : text.controls.disarm}
          // What was wrong with the last PIN is no news once the next one is being typed.
          onType={action.reset}
          onSubmit={(pin) => {
            action.mutate({ disarm: pin });
          }}
        />
      )}
      <div className="message">
        <p role="alert">{action.error?.message}</p>
        {lockedSeconds > 0 && <p>{text.controls.lockedFor(lockedSeconds)}</p>}
        {action.isPending && <p className="hint">{text.controls.sending}</p>}
        {disarmed && !connected && !action.error && <p className="hint">{text.controls.offlineArm}</p>}
      </div>
    </section>
  );
}
