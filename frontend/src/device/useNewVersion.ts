/** Loads the page again when the server has a new version, while the panel is left alone. */
import { useCallback, useEffect, useState } from 'react';
import { isOutdated } from './servedVersion';

/** A rollout closes the sockets, so that each new connection asks; this is for a proxy that hides it. */
const ASK_EVERY_MS = 60 * 60_000;
/** Longer than the pad keeps a PIN that is half typed. */
const ALONE_AFTER_MS = 60_000;
/** While two versions serve together, a page that was loaded again may be the old one again. */
const AGAIN_AFTER_MS = 10 * 60_000;

const RELOADED_AT = 'reloaded-for-served-version';

interface NewVersion {
  /** Whether there is a connection. */
  live: boolean;
  /** Whether nothing would be lost or interrupted: no form is open, no delay runs, no siren sounds. */
  idle: boolean;
  reload?: () => void;
}

/** Whether the server has a new version. */
export function useNewVersion({ live, idle, reload = () => window.location.reload() }: NewVersion): boolean {
  const [outdated, setOutdated] = useState(false);
  const alone = useIsAlone();

  const ask = useCallback(() => void isOutdated().then(setOutdated), []);
  useEffect(() => {
    if (!live) return;
    ask();
    const timer = setInterval(ask, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [live, ask]);

  useEffect(() => {
    if (!(outdated && live && idle && alone)) return;
    if (Date.now() - Number(sessionStorage.getItem(RELOADED_AT)) < AGAIN_AFTER_MS) return;
    sessionStorage.setItem(RELOADED_AT, String(Date.now()));
    reload();
  }, [outdated, live, idle, alone, reload]);
  return outdated;
}

/** Whether nothing was touched and no key was pressed for a minute. */
function useIsAlone(): boolean {
  const [alone, setAlone] = useState(false);
  useEffect(() => {
    let timer = setTimeout(() => setAlone(true), ALONE_AFTER_MS);
    const onInput = () => {
      clearTimeout(timer);
      setAlone(false);
      timer = setTimeout(() => setAlone(true), ALONE_AFTER_MS);
    };
    const inputs = ['pointerdown', 'keydown'] as const;
    for (const input of inputs) document.addEventListener(input, onInput, true);
    return () => {
      clearTimeout(timer);
      for (const input of inputs) document.removeEventListener(input, onInput, true);
    };
  }, []);
  return alone;
}
