/** What is set for one device: sounds, screen, a new version. */
export const device = {
  title: 'This device',
  detail: 'Holds for this browser, for every person who uses it.',
  tap: 'Tap for sound',
  waiting: 'Sound is off until the page is tapped once. Settings of this device',
  sound: 'Sound here',
  soundHint: 'For exit and entry delay, alarm and chime.',
  volume: 'Volume',
  samples: 'Try the sounds',
  tones: { exit: 'Exit delay', entry: 'Entry delay', burglary: 'Alarm', fire: 'Fire', chime: 'Chime' },
  awake: 'Keep the screen on',
  awakeNeedsHttps: 'Browsers allow this on HTTPS only.',
  awakeRefused: 'The system refuses at the moment, for example with a nearly empty battery.',
  fullScreen: 'Full screen',
  leaveFullScreen: 'Leave full screen',
  chimed: '{{name}} was opened',
  newVersion: 'Load the new version',
};
