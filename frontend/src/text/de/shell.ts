import type { Words } from '../words';

export const shell: Words['shell'] = {
  title: 'Alarmanlage',

  nav: {
    label: 'Seiten',
    skip: 'Zum Inhalt springen',
    panel: 'Alarm',
    sensors: 'Melder',
    events: 'Verlauf',
    people: 'Personen',
    alerts: 'Meldungen',
    settings: 'Optionen',
  },

  connection: {
    connecting: 'Verbinde…',
    live: 'Live',
    offline: 'Offline',
    banner: 'Offline – Verbindung wird wiederhergestellt',
    bannerDetail: 'Die Anzeige kann veraltet sein.',
  },

  alarmBar: { label: 'Alarm', open: 'Bedienteil öffnen' },
  worker: {
    banner: 'Die Alarmanlage arbeitet nicht',
    detail:
      'Ihr Hintergrunddienst läuft nicht: Keine Verzögerung endet, keine Sirene ertönt. Starten Sie die Anlage neu.',
  },

  actions: {
    add: 'Hinzufügen',
    save: 'Speichern',
    saving: 'Wird gespeichert…',
    cancel: 'Abbrechen',
    close: 'Schließen',
    edit: 'Bearbeiten',
    delete: 'Löschen',
    copy: 'Kopieren',
    copied: 'Kopiert',
    retry: 'Erneut versuchen',
    dismiss: 'Ausblenden',
    more: 'Aktionen für {{name}}',
  },

  proof: {
    title: 'Sind Sie es noch?',
    detail: 'Geben Sie für diese Änderung Ihr Passwort ein. Nach 15 Minuten wird erneut danach gefragt.',
    password: 'Passwort',
    confirm: 'Weiter',
  },

  loading: 'Wird geladen…',
  saved: 'Gespeichert.',
  notifications: 'Hinweise',
  adminOnly: 'Diese Seite ist Administratoren vorbehalten.',
  notFound: 'Unter dieser Adresse gibt es keine Seite.',
  toPanel: 'Zum Bedienteil',
  partMissing:
    'Ein Teil dieser Seite konnte nicht geladen werden. Vielleicht wurde die Anlage gerade aktualisiert: Versuchen Sie es gleich noch einmal.',
  crashed: 'Auf dieser Seite ist ein Fehler aufgetreten.',
  refused: 'Die Alarmanlage liefert diese Seite hier nicht aus.',
  starting: 'Die Alarmanlage antwortet nicht. Vielleicht startet sie noch.',
  startingDetail: 'Diese Seite versucht es von selbst erneut.',

  errors: {
    push_refused:
      'Der Browser oder sein Push-Dienst lehnt Benachrichtigungen ab. Erlauben Sie sie in den Einstellungen des Browsers, und prüfen Sie, ob dieses Gerät das Internet erreicht.',
    unreachable: 'Die Alarmanlage ist nicht erreichbar. Versuchen Sie es erneut.',
    unexpected: 'Die Alarmanlage hat eine Antwort gegeben, die diese Seite nicht versteht.',
    retryIn: 'Neuer Versuch in {{seconds}} s möglich',
  },
};
