import type { Words } from '../words';

export const access: Words['access'] = {
  login: {
    title: 'Anmelden',
    username: 'Benutzername',
    password: 'Passwort',
    submit: 'Anmelden',
    sending: 'Anmeldung läuft…',
    expired: 'Ihre Sitzung ist abgelaufen. Melden Sie sich erneut an.',
  },
  setup: {
    title: 'Willkommen',
    detail: 'Diese Alarmanlage ist neu. Legen Sie den ersten Administrator und die erste PIN an.',
    token: 'Einrichtungs-Token',
    tokenHint: 'Der Befehl, der die Anlage gestartet hat, hat es ausgegeben.',
    you: 'Sie',
    yourName: 'Ihr Name',
    username: 'Benutzername',
    usernameHint: 'Zum Anmelden auf diesem und anderen Geräten.',
    password: 'Passwort',
    code: 'Ihr Code',
    pin: 'PIN',
    pinHint: '4 bis 12 Ziffern. Sie schaltet die Anlage am Bedienteil unscharf.',
    submit: 'Alarmanlage einrichten',
    sending: 'Wird eingerichtet…',
  },
};
