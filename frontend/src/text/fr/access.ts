import type { Words } from '../words';

export const access: Words['access'] = {
  login: {
    title: 'Connexion',
    username: 'Identifiant',
    password: 'Mot de passe',
    submit: 'Se connecter',
    sending: 'Connexion…',
    expired: 'Votre session a expiré. Reconnectez-vous pour continuer.',
  },
  setup: {
    title: 'Bienvenue',
    detail: 'Cette alarme est neuve. Ajoutez le premier administrateur et le premier code PIN.',
    token: 'Jeton de configuration',
    tokenHint: 'La commande qui a démarré l’alarme l’a affiché.',
    you: 'Vous',
    yourName: 'Votre nom',
    username: 'Identifiant',
    usernameHint: 'Pour vous connecter sur cet appareil et sur d’autres.',
    password: 'Mot de passe',
    code: 'Votre code',
    pin: 'Code PIN',
    pinHint: '4 à 12 chiffres. Il désarme l’alarme sur le clavier.',
    submit: 'Configurer l’alarme',
    sending: 'Configuration…',
  },
};
