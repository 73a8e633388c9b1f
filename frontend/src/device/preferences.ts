/** What is set for this browser alone, kept in its storage: sounds, screen, full screen. */
import { useSyncExternalStore } from 'react';
import * as v from 'valibot';

const STORED_AS = 'alarm-panel-device';

const Preferences = v.object({
  /** Undefined: never chosen. */
  sound: v.optional(v.fallback(v.optional(v.boolean()), undefined)),
  /** 0 to 1. */
  volume: v.optional(v.fallback(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0.8), 0.8),
  awake: v.optional(v.fallback(v.optional(v.boolean()), undefined)),
  fullScreen: v.optional(v.fallback(v.boolean(), false), false),
});
export type Preferences = v.InferOutput<typeof Preferences>;

const listeners = new Set<() => void>();
/** The last text of the storage with what it says, so that a reader gets the same object each time. */
let read: { stored: string | null; preferences: Preferences } | null = null;

export function preferences(): Preferences {
  const stored = localStorage.getItem(STORED_AS);
  if (read?.stored !== stored) read = null;
  read ??= { stored, preferences: parse(stored) };
  return read.preferences;
}

function parse(stored: string | null): Preferences {
  let found: unknown = {};
  try {
    found = JSON.parse(stored ?? '{}');
  } catch {
    // Not this page's text.
  }
  const parsed = v.safeParse(Preferences, found);
  return parsed.success ? parsed.output : v.parse(Preferences, {});
}

export function prefer(changes: Partial<Preferences>): void {
  localStorage.setItem(STORED_AS, JSON.stringify({ ...preferences(), ...changes }));
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  // Other tabs of this browser.
  window.addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', listener);
  };
}

/** A tablet on the wall sounds and stays on unless something else was chosen; other devices do when that was chosen. */
export function usePreferences(kiosk: boolean) {
  const { sound = kiosk, awake = kiosk, ...others } = useSyncExternalStore(subscribe, preferences);
  return { sound, awake, ...others };
}
