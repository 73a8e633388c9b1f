/** The frame of all pages, and what several pages use. */
export const shell = {
  title: 'Home alarm',

  nav: {
    label: 'Pages',
    skip: 'Skip to content',
    panel: 'Panel',
    sensors: 'Sensors',
    events: 'Events',
    people: 'People',
    alerts: 'Alerts',
    settings: 'Settings',
  },

  connection: {
    connecting: 'Connecting…',
    live: 'Live',
    offline: 'Offline',
    banner: 'Offline – reconnecting',
    bannerDetail: 'What you see may be out of date.',
  },

  alarmBar: { label: 'Alarm', open: 'Open the panel' },
  worker: {
    banner: 'The alarm does not work',
    detail: 'Its worker does not run: no delay ends and no siren sounds. Restart the panel.',
  },

  actions: {
    add: 'Add',
    save: 'Save',
    saving: 'Saving…',
    cancel: 'Cancel',
    close: 'Close',
    edit: 'Edit',
    delete: 'Delete',
    copy: 'Copy',
    copied: 'Copied',
    retry: 'Try again',
    dismiss: 'Dismiss',
    more: 'Actions for {{name}}',
  },

  proof: {
    title: 'Is it still you?',
    detail: 'Enter your password to make this change. You are asked again after 15 minutes.',
    password: 'Password',
    confirm: 'Continue',
  },

  loading: 'Loading…',
  saved: 'Saved.',
  notifications: 'Notifications',
  adminOnly: 'Only an administrator can see this page.',
  notFound: 'There is no page at this address.',
  toPanel: 'Go to the panel',
  partMissing: 'A part of this page could not be loaded. The panel may have been updated: try again in a moment.',
  crashed: 'Something went wrong on this page.',
  refused: 'The alarm does not serve this page here.',
  starting: 'The alarm is not answering. It may still be starting.',
  startingDetail: 'This page tries again by itself.',

  errors: {
    push_refused:
      'The browser or its push service refuses notifications. Allow them in the browser’s settings, and check that this device reaches the internet.',
    unreachable: 'The alarm could not be reached. Try again.',
    unexpected: 'The alarm gave an answer that this panel does not understand.',
    retryIn: 'Try again in {{seconds}} s',
  },
} as const;
