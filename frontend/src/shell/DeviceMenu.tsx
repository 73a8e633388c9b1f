/** What is set for this device alone: sounds, screen, full screen. It also asks for the tap that browsers want first. */
import { Maximize, Minimize, MonitorCog, Play, Volume2, VolumeX } from 'lucide-react';
import { Button, Dialog, DialogTrigger, Heading, Popover } from 'react-aria-components';
import { canFullScreen, toggleFullScreen, useIsFullScreen } from '../device/fullScreen';
import { prefer, usePreferences } from '../device/preferences';
import { speaker } from '../device/speaker';
import type { Tone } from '../device/tones';
import { useIsSoundAllowed } from '../device/useAlarmSounds';
import { canKeepAwake, useWakeLock } from '../device/wakeLock';
import { t } from '../text';
import { Toggle } from '../ui/fields';
import { VolumeField } from './VolumeField';
import './device.css';

const SAMPLES = ['exit', 'entry', 'burglary', 'fire', 'chime'] as const satisfies Tone[];

export function DeviceMenu({ kiosk }: { kiosk: boolean }) {
  const { sound, awake } = usePreferences(kiosk);
  const allowed = useIsSoundAllowed();
  const held = useWakeLock(awake);
  const waiting = sound && !allowed;
  const SoundIcon = waiting ? VolumeX : sound ? Volume2 : MonitorCog;
  return (
    <DialogTrigger>
      <Button
        className="device-button"
        data-waiting={waiting}
        aria-label={waiting ? t('device.waiting') : t('device.title')}
      >
        <SoundIcon />
        {waiting && <span>{t('device.tap')}</span>}
      </Button>
      <Popover className="popover device-popover" placement="bottom end">
        <Dialog className="device">
          <Heading slot="title">{t('device.title')}</Heading>
          <p className="hint">{t('device.detail')}</p>
          <Sound kiosk={kiosk} allowed={allowed} />
          <Screen kiosk={kiosk} held={held} />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function Sound({ kiosk, allowed }: { kiosk: boolean; allowed: boolean }) {
  const { sound, volume } = usePreferences(kiosk);
  return (
    <>
      <Toggle
        label={t('device.sound')}
        hint={t('device.soundHint')}
        isSelected={sound}
        onChange={(chosen) => prefer({ sound: chosen })}
      />
      <VolumeField
        label={t('device.volume')}
        value={volume}
        isDisabled={!sound}
        onChange={(chosen) => prefer({ volume: chosen })}
      />
      <div className="device-samples" role="group" aria-label={t('device.samples')}>
        {SAMPLES.map((tone) => (
          <Button key={tone} className="button" data-size="small" isDisabled={!allowed} onPress={() => speaker.play(tone)}>
            <Play />
            {t(`device.tones.${tone}`)}
          </Button>
        ))}
      </div>
    </>
  );
}

function Screen({ kiosk, held }: { kiosk: boolean; held: boolean }) {
  const { awake } = usePreferences(kiosk);
  const full = useIsFullScreen();
  const hint = !canKeepAwake() ? t('device.awakeNeedsHttps') : awake && !held ? t('device.awakeRefused') : undefined;
  return (
    <>
      <Toggle
        label={t('device.awake')}
        hint={hint}
        isSelected={awake && canKeepAwake()}
        isDisabled={!canKeepAwake()}
        onChange={(chosen) => prefer({ awake: chosen })}
      />
      {canFullScreen() && (
        <Button className="button" onPress={toggleFullScreen}>
          {full ? <Minimize /> : <Maximize />}
          {full ? t('device.leaveFullScreen') : t('device.fullScreen')}
        </Button>
      )}
    </>
  );
}
