import type { MqttState } from '../api/mqtt';

export const settings = {
  title: 'Settings',

  you: 'You',
  loggedInAs: 'Logged in as',
  logOut: 'Log out',
  appearance: 'Appearance',
  themes: { auto: 'As the device', light: 'Light', dark: 'Dark' },

  password: {
    title: 'Change your password',
    current: 'Present password',
    next: 'New password',
    save: 'Change password',
    changed: 'Your password was changed. Other devices are logged out.',
  },

  timing: {
    title: 'Delays and siren',
    exitDelay: 'Exit delay',
    exitDelayHint: 'Seconds to leave after arming, 0 to 3600.',
    entryDelay: 'Entry delay',
    entryDelayHint: 'Seconds to enter a PIN after coming in, 0 to 3600.',
    siren: 'Siren duration',
    sirenHint: 'Seconds until the siren stops by itself, 1 to 86400.',
    retention: 'Keep events for',
    retentionHint: 'Days, 1 to 3650.',
    seconds: 'seconds',
    days: 'days',
  },

  mqtt: {
    title: 'Home Assistant',
    detail: 'Over an MQTT broker. Home Assistant then finds the alarm and its sensors by itself.',
    enabled: 'Connect to a broker',
    host: 'Host',
    hostHint: 'Name or address of the broker.',
    port: 'Port',
    tls: 'Encrypted (TLS)',
    username: 'Username',
    password: 'Password',
    passwordKept: 'One is stored. Leave it empty to keep it.',
    baseTopic: 'Base topic',
    discoveryPrefix: 'Discovery prefix',
    discoveryHint: 'Home Assistant listens to “homeassistant” unless told otherwise.',
    fixed: 'Fixed by the environment of the server.',
    test: 'Test the connection',
    testing: 'Testing…',
    statusLabel: 'Connection to the broker',
    since: 'since',
    states: {
      off: 'Off',
      connecting: 'Connecting…',
      connected: 'Connected',
      unreachable: 'Unreachable',
      refused: 'Refused',
    } satisfies Record<MqttState, string>,
  },
};
