/** Keeps the screen on. Browsers can do so on HTTPS and on localhost only. */
import { useEffect, useState } from 'react';

export const canKeepAwake = () => 'wakeLock' in navigator;

/** The browser ends the lock when the page is hidden; it is asked for again when the page is seen. */
export function keepAwake(onChange: (held: boolean) => void): () => void {
  let lock: WakeLockSentinel | null = null;
  let ended = false;

  const request = async () => {
    if (document.hidden || (lock && !lock.released)) return;
    try {
      const granted = await navigator.wakeLock.request('screen');
      if (ended) {
        await granted.release();
        return;
      }
      lock = granted;
      granted.onrelease = () => onChange(false);
      onChange(true);
    } catch {
      onChange(false); // e.g. the battery is nearly empty
    }
  };
  const onVisible = () => void request();

  document.addEventListener('visibilitychange', onVisible);
  void request();
  return () => {
    ended = true;
    document.removeEventListener('visibilitychange', onVisible);
    void lock?.release();
  };
}

/** Whether the screen is kept on. */
export function useWakeLock(enabled: boolean): boolean {
  const [held, setHeld] = useState(false);
  useEffect(() => (enabled && canKeepAwake() ? keepAwake(setHeld) : undefined), [enabled]);
  return enabled && held;
}
