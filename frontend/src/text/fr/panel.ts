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
  notReady_one: '{{name}} n’est pas prêt',
  notReady_other: '{{count}} détecteurs ne sont pas prêts',
  silent_one: '{{name}} est muet depuis {{days}} jours',
  silent_other: '{{count}} détecteurs sont muets depuis des jours',
  pin: 'Code PIN',
  clear: 'Effacer',
  deleteDigit: 'Effacer le dernier chiffre',
  disarm: 'Désarmer',
  cancelArming: 'Annuler l’armement',
  sending: 'Envoi…',

  bypassConfirmation: {
    title: 'Pas prête à être armée',
    detail:
      'Fermez ce qui est ouvert, ou armez sans ces détecteurs. Ils ne sont alors plus surveillés jusqu’au prochain désarmement.',
    detailOfKiosk: 'Fermez ce qui est ouvert. Un résident peut aussi armer sans ces détecteurs, depuis un autre appareil.',
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
    silent: 'Muet depuis {{days}} jours : il est peut-être en panne',
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
