/** Full screen, which only a tap can start and a new page ends: a chosen one comes back at the first tap. */
import { useEffect, useSyncExternalStore } from 'react';
import { prefer } from './preferences';

export const canFullScreen = () => document.fullscreenEnabled;

const isFullScreen = () => document.fullscreenElement !== null;

const onFullScreen = (listener: () => void) => {
  document.addEventListener('fullscreenchange', listener);
  return () => document.removeEventListener('fullscreenchange', listener);
};

export const useIsFullScreen = () => useSyncExternalStore(onFullScreen, isFullScreen);

const enter = () => document.documentElement.requestFullscreen().catch(() => undefined);

/** Call it in the handler of a tap. */
export function toggleFullScreen(): void {
  if (isFullScreen()) void document.exitFullscreen();
  else void enter();
}

/** Remembers whether it is chosen, also where it is left with the Escape key. */
export function useFullScreen(chosen: boolean): void {
  useEffect(() => onFullScreen(() => prefer({ fullScreen: isFullScreen() })), []);
  useEffect(() => {
    if (!chosen) return;
    const restore = () => {
      if (!isFullScreen()) void enter();
    };
    document.addEventListener('click', restore, { once: true });
    return () => document.removeEventListener('click', restore);
  }, [chosen]);
}
