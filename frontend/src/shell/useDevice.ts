/** Lets this device behave as a panel: sounds, full screen, and a new version where the server has one. */
import { useEffect } from 'react';
import type { Alarm } from '../api/alarm';
import { onChime } from '../data/chimes';
import { useFullScreen } from '../device/fullScreen';
import { usePreferences } from '../device/preferences';
import { speaker } from '../device/speaker';
import { useAlarmSounds } from '../device/useAlarmSounds';
import { useNewVersion } from '../device/useNewVersion';
import { t } from '../text';
import { notify } from '../ui/toasts';

interface Device {
  alarm: Alarm | undefined;
  live: boolean;
  /** False while the known state may be out of date. */
  current: boolean;
  kiosk: boolean;
  /** The other pages have forms, whose input a new page would lose. */
  onPanel: boolean;
}

const settled: Alarm['state'][] = ['disarmed', 'armed_home', 'armed_away', 'armed_night', 'armed_vacation'];

/** Whether the server has a new version of the page. */
export function useDevice({ alarm, live, current, kiosk, onPanel }: Device): boolean {
  const { sound, volume, fullScreen } = usePreferences(kiosk);
  useAlarmSounds({ alarm, current, enabled: sound, volume });
  useFullScreen(fullScreen);
  useEffect(
    () =>
      onChime(({ name }) => {
        speaker.play('chime');
        notify(t('device.chimed', { name }));
      }),
    [],
  );
  return useNewVersion({ live, idle: onPanel && !!alarm && settled.includes(alarm.state) });
}
