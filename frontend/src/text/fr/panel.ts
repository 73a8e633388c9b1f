import type { Words } from '../words';

export const panel: Words['panel'] = {
  title: 'Clavier',
  stateLabel: 'État de l’alarme',

  armLabel: 'Armer l’alarme',
  disarmLabel: 'Désarmer l’alarme',
  offlineArm: 'L’armement redevient possible dès que la connexion est rétablie.',
  arm: { home: 'Présence', away: 'Absence', night: 'Nuit', vacation: 'Vacances' },
  armDetail: {
    home: 'Vous restez chez vous',
    away: 'Vous sortez',
    night: 'Vous allez dormir',
    vacation: 'Vous partez en voyage',
  },
  reasons: {
    open: 'ouvert',
    no_contact: 'sans contact',
    tamper: 'sabotage',
  },
  notReady_one: '{{name}} : {{reasons}}',
  notReady_other: '{{count}} détecteurs ne sont pas prêts',
  pin: 'Code PIN',
  clear: 'Effacer',
  deleteDigit: 'Effacer le dernier chiffre',
  disarm: 'Désarmer',
  cancelArming: 'Annuler l’armement',
  sending: 'Envoi…',

  pinToArm: {
    home: 'Code PIN pour armer – présence',
    away: 'Code PIN pour armer – absence',
    night: 'Code PIN pour armer – nuit',
    vacation: 'Code PIN pour armer – vacances',
  },
  otherModes: 'Changer de mode',
  trouble: 'Défaut',
  memory: {
    title: 'Il y a eu une alarme',
    detail: 'Depuis le dernier acquittement, elle a été déclenchée par :',
    waits: 'Désarmez d’abord, puis acquittez.',
    acknowledge: 'Acquitter',
    back: 'Retour',
  },

  bypassConfirmation: {
    title: 'Pas prête à être armée',
    detail:
      'Fermez ce qui est ouvert, ou armez sans ces détecteurs. Ils ne sont alors plus surveillés jusqu’au prochain désarmement.',
    arm: {
      home: 'Armer sans eux – présence',
      away: 'Armer sans eux – absence',
      night: 'Armer sans eux – nuit',
      vacation: 'Armer sans eux – vacances',
    },
    armOne: {
      home: 'Armer sans lui – présence',
      away: 'Armer sans lui – absence',
      night: 'Armer sans lui – nuit',
      vacation: 'Armer sans lui – vacances',
    },
    back: 'Retour',
  },

  readiness: {
    label: 'Détecteurs',
    all: 'Tous les détecteurs',
    none: 'Aucun détecteur n’a encore été ajouté.',
    allQuiet_one: 'Le détecteur est au repos.',
    allQuiet_other: 'Les {{count}} détecteurs sont au repos.',
    othersQuiet_one: 'L’autre détecteur est au repos.',
    othersQuiet_other: 'Les {{count}} autres sont au repos.',
    unheard: '{{name}} n’a encore rien signalé',
    isOpen: '{{name}} : ouvert',
    isClosed: '{{name}} : fermé',
    bypassed: 'Exclu jusqu’au prochain désarmement',
    noBypass: 'Ne peut être exclu que lorsque l’alarme est désarmée',
    bypass: 'Exclure',
    unbypass: 'Surveiller à nouveau',
    bypassName: 'Exclure {{name}}',
    unbypassName: 'Surveiller à nouveau : {{name}}',
    blocks: 'Pas prêt pour : {{modes}}',
  },

  events: { label: 'Derniers événements', all: 'Tout le journal' },
};
