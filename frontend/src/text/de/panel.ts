import type { Words } from '../words';

export const panel: Words['panel'] = {
  title: 'Bedienteil',
  stateLabel: 'Zustand der Alarmanlage',

  armLabel: 'Scharf schalten',
  disarmLabel: 'Unscharf schalten',
  offlineArm: 'Scharf schalten ist wieder möglich, sobald die Verbindung steht.',
  arm: { home: 'Intern scharf', away: 'Extern scharf', night: 'Nacht scharf', vacation: 'Urlaub scharf' },
  armDetail: {
    home: 'Sie bleiben zu Hause',
    away: 'Sie verlassen das Haus',
    night: 'Sie gehen schlafen',
    vacation: 'Sie verreisen',
  },
  reasons: {
    open: 'offen',
    no_contact: 'keine Verbindung',
    tamper: 'Sabotage',
  },
  notReady_one: '{{name}}: {{reasons}}',
  notReady_other: '{{count}} Melder sind nicht bereit',
  pin: 'PIN',
  clear: 'Löschen',
  deleteDigit: 'Letzte Ziffer löschen',
  disarm: 'Unscharf schalten',
  cancelArming: 'Scharf schalten abbrechen',
  sending: 'Wird gesendet…',

  pinToArm: {
    home: 'PIN eingeben: intern scharf schalten',
    away: 'PIN eingeben: extern scharf schalten',
    night: 'PIN eingeben: für die Nacht scharf schalten',
    vacation: 'PIN eingeben: für den Urlaub scharf schalten',
  },
  otherModes: 'Schaltart wechseln',
  trouble: 'Störung',
  memory: {
    title: 'Es gab einen Alarm',
    detail: 'Seit der letzten Quittierung ausgelöst durch:',
    waits: 'Erst unscharf schalten, dann quittieren.',
    acknowledge: 'Quittieren',
    back: 'Zurück',
  },

  bypassConfirmation: {
    title: 'Nicht bereit zum Scharfschalten',
    detail:
      'Schließen Sie, was offen ist, oder schalten Sie ohne diese Melder scharf. Sie sind dann bis zum nächsten Unscharfschalten überbrückt.',
    arm: {
      home: 'Ohne sie intern scharf schalten',
      away: 'Ohne sie extern scharf schalten',
      night: 'Ohne sie für die Nacht scharf schalten',
      vacation: 'Ohne sie für den Urlaub scharf schalten',
    },
    armOne: {
      home: 'Ohne ihn intern scharf schalten',
      away: 'Ohne ihn extern scharf schalten',
      night: 'Ohne ihn für die Nacht scharf schalten',
      vacation: 'Ohne ihn für den Urlaub scharf schalten',
    },
    back: 'Zurück',
  },

  readiness: {
    label: 'Melder',
    all: 'Alle Melder',
    none: 'Es gibt noch keine Melder.',
    allQuiet_one: 'Der Melder ist in Ruhe.',
    allQuiet_other: 'Alle {{count}} Melder sind in Ruhe.',
    othersQuiet_one: 'Der andere Melder ist in Ruhe.',
    othersQuiet_other: 'Die anderen {{count}} sind in Ruhe.',
    unheard: '{{name}} hat sich noch nicht gemeldet',
    isOpen: '{{name}} ist offen',
    isClosed: '{{name}} ist geschlossen',
    bypassed: 'Überbrückt bis zum nächsten Unscharfschalten',
    noBypass: 'Kann nur überbrückt werden, solange die Anlage unscharf ist',
    bypass: 'Überbrücken',
    unbypass: 'Wieder überwachen',
    bypassName: '{{name}} überbrücken',
    unbypassName: '{{name}} wieder überwachen',
    blocks: 'Nicht bereit für: {{modes}}',
  },

  events: { label: 'Letzte Ereignisse', all: 'Alle Ereignisse' },
};
