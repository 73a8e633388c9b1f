import type { Words } from '../words';

export const alarm: Words['alarm'] = {
  states: {
    disarmed: 'Unscharf',
    arming: 'Wird scharf geschaltet',
    armed_home: 'Intern scharf',
    armed_away: 'Extern scharf',
    armed_night: 'Nachts scharf',
    armed_vacation: 'Urlaub: scharf',
    pending: 'Eingangsverzögerung',
    triggered: 'Alarm!',
  },
  unknownState: 'Unbekannt',

  details: {
    disarmed: 'Türen und Fenster werden nicht überwacht.',
    arming: 'Verlassen Sie jetzt das Haus, oder brechen Sie mit Ihrer PIN ab.',
    armed_home: 'Sie sind zu Hause: Die Melder für „Intern“ sind scharf.',
    armed_away: 'Sie sind außer Haus: Die Melder für „Extern“ sind scharf.',
    armed_night: 'Sie schlafen: Die Melder für „Nacht“ sind scharf.',
    armed_vacation: 'Sie sind verreist: Die Melder für „Urlaub“ sind scharf.',
    pending: 'Geben Sie Ihre PIN ein, bevor die Sirene angeht.',
    triggered: 'Mit Ihrer PIN schalten Sie ihn aus.',
  },
  unknownDetail: 'Warte auf Antwort der Alarmanlage.',
  silenced: 'Die Sirene ist aus. Die Ursache besteht noch: Sehen Sie nach.',
  armingTo: {
    armed_home: 'Wird intern scharf',
    armed_away: 'Wird extern scharf',
    armed_night: 'Wird für die Nacht scharf',
    armed_vacation: 'Wird für den Urlaub scharf',
  },
  modes: { home: 'Intern', away: 'Extern', night: 'Nacht', vacation: 'Urlaub' },

  onlyWhileDisarmed: 'Änderungen sind nur möglich, solange die Anlage unscharf ist.',

  triggeredBy: 'Ausgelöst durch',
  since: 'Seit',
  lastKnown: 'Letzter bekannter Zustand',
  mayBeOutOfDate: 'Diese Anzeige kann veraltet sein.',
  lastHeard: 'Letzte Nachricht der Alarmanlage um',
  secondsUnit_one: 'Sekunde',
  secondsUnit_other: 'Sekunden',
  announceSeconds_one: 'Höchstens noch {{count}} Sekunde.',
  announceSeconds_other: 'Höchstens noch {{count}} Sekunden.',
};
