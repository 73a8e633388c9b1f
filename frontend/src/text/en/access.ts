export const access = {
  login: {
    title: 'Log in',
    username: 'Username',
    password: 'Password',
    submit: 'Log in',
    sending: 'Logging in…',
    expired: 'Your session has ended. Log in again to continue.',
  },
  setup: {
    title: 'Welcome',
    detail: 'This alarm is new. Add the first administrator and the first PIN.',
    you: 'You',
    yourName: 'Your name',
    username: 'Username',
    usernameHint: 'For logging in on this and other devices.',
    password: 'Password',
    code: 'Your code',
    pin: 'PIN',
    pinHint: '4 to 12 digits. It disarms the alarm on the keypad.',
    submit: 'Set up the alarm',
    sending: 'Setting up…',
  },
} as const;
