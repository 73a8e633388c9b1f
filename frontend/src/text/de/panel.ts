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
  notReady_one: '{{name}} ist nicht bereit',
  notReady_other: '{{count}} Melder sind nicht bereit',
  silent_one: '{{name}} hat sich seit {{days}} Tagen nicht gemeldet',
  silent_other: '{{count}} Melder haben sich seit Tagen nicht gemeldet',
  pin: 'PIN',
  clear: 'Löschen',
  deleteDigit: 'Letzte Ziffer löschen',
  disarm: 'Unscharf schalten',
  cancelArming: 'Scharf schalten abbrechen',
  sending: 'Wird gesendet…',

  bypassConfirmation: {
    title: 'Nicht bereit zum Scharfschalten',
    detail:
      'Schließen Sie, was offen ist, oder schalten Sie ohne diese Melder scharf. Sie sind dann bis zum nächsten Unscharfschalten überbrückt.',
    detailOfKiosk: 'Schließen Sie, was offen ist. Bewohner können auch ohne diese Melder scharf schalten, an einem anderen Gerät.',
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
    silent: 'Seit {{days}} Tagen nicht gemeldet: vielleicht defekt',
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
