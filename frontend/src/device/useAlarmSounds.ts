/** Lets the device sound as the alarm does. */
import { useEffect, useSyncExternalStore } from 'react';
import type { Alarm } from '../api/alarm';
import { localTime } from '../core/serverClock';
import { useSecondsUntil } from '../core/time';
import { soundOf } from './soundOf';
import { speaker } from './speaker';

interface AlarmSounds {
  alarm: Alarm | undefined;
  /** False while the known state may be out of date. */
  current: boolean;
  /** Whether this device is to sound. */
  enabled: boolean;
  /** 0 to 1. */
  volume: number;
}

export function useAlarmSounds({ alarm, current, enabled, volume }: AlarmSounds): void {
  const secondsLeft = useSecondsUntil(alarm?.deadline ? localTime(alarm.deadline) : 0);
  const tone = alarm && enabled ? soundOf(alarm, secondsLeft, current) : null;
  useEffect(() => {
    if (!enabled) return;
    speaker.start();
    return () => speaker.stop();
  }, [enabled]);
  useEffect(() => {
    speaker.volume = volume;
  }, [enabled, volume]);
  useEffect(() => speaker.repeat(tone), [tone]);
}

/** Whether the browser lets the page sound. */
export const useIsSoundAllowed = () => useSyncExternalStore(speaker.subscribe, speaker.isAllowed);
