import type { Words } from '../words';

export const shell: Words['shell'] = {
  title: 'Alarme de la maison',

  nav: {
    label: 'Pages',
    skip: 'Aller au contenu',
    panel: 'Clavier',
    sensors: 'Détecteurs',
    events: 'Journal',
    people: 'Personnes',
    alerts: 'Alertes',
    settings: 'Réglages',
  },

  connection: {
    connecting: 'Connexion…',
    live: 'En direct',
    offline: 'Hors ligne',
    banner: 'Hors ligne – reconnexion en cours',
    bannerDetail: 'L’affichage n’est peut-être plus à jour.',
  },

  alarmBar: { label: 'Alarme', open: 'Ouvrir le clavier' },
  worker: {
    banner: 'L’alarme ne fonctionne pas',
    detail:
      'Son service d’arrière-plan est arrêté : aucune temporisation ne se termine, aucune sirène ne sonne. Redémarrez l’alarme.',
  },

  actions: {
    add: 'Ajouter',
    save: 'Enregistrer',
    saving: 'Enregistrement…',
    cancel: 'Annuler',
    close: 'Fermer',
    edit: 'Modifier',
    delete: 'Supprimer',
    copy: 'Copier',
    copied: 'Copié',
    retry: 'Réessayer',
    dismiss: 'Masquer',
    more: 'Actions pour {{name}}',
  },

  proof: {
    title: 'Est-ce toujours vous ?',
    detail: 'Saisissez votre mot de passe pour faire cette modification. Il est redemandé après 15 minutes.',
    password: 'Mot de passe',
    confirm: 'Continuer',
  },

  loading: 'Chargement…',
  saved: 'Enregistré.',
  notifications: 'Notifications',
  adminOnly: 'Cette page est réservée aux administrateurs.',
  notFound: 'Il n’y a pas de page à cette adresse.',
  toPanel: 'Aller au clavier',
  partMissing:
    'Une partie de cette page n’a pas pu être chargée. L’alarme vient peut-être d’être mise à jour : réessayez dans un instant.',
  crashed: 'Une erreur s’est produite sur cette page.',
  refused: 'L’alarme ne fournit pas cette page ici.',
  starting: 'L’alarme ne répond pas. Elle est peut-être encore en train de démarrer.',
  startingDetail: 'Cette page réessaie d’elle-même.',

  errors: {
    push_refused:
      'Le navigateur ou son service push refuse les notifications. Autorisez-les dans ses réglages, et vérifiez que cet appareil accède à Internet.',
    unreachable: 'L’alarme est injoignable. Réessayez.',
    unexpected: 'L’alarme a donné une réponse que cette page ne comprend pas.',
    retryIn: 'Réessayez dans {{seconds}} s',
  },
};
