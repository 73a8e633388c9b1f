import type { Words } from '../words';

export const alarm: Words['alarm'] = {
  states: {
    disarmed: 'Désarmée',
    arming: 'Armement',
    armed_home: 'Armée – présence',
    armed_away: 'Armée – absence',
    armed_night: 'Armée – nuit',
    armed_vacation: 'Armée – vacances',
    pending: 'Temporisation d’entrée',
    triggered: 'Alarme !',
  },
  unknownState: 'Inconnu',

  details: {
    disarmed: 'Les portes et fenêtres ne sont pas surveillées.',
    arming: 'Sortez maintenant, ou annulez avec votre code PIN.',
    armed_home: 'Vous êtes chez vous : les détecteurs du mode présence sont actifs.',
    armed_away: 'Vous êtes sorti : les détecteurs du mode absence sont actifs.',
    armed_night: 'Vous dormez : les détecteurs du mode nuit sont actifs.',
    armed_vacation: 'Vous êtes en voyage : les détecteurs du mode vacances sont actifs.',
    pending: 'Saisissez votre code PIN avant que la sirène ne se déclenche.',
    triggered: 'Saisissez votre code PIN pour l’arrêter.',
  },
  unknownDetail: 'En attente d’une réponse de l’alarme.',
  silenced: 'La sirène est arrêtée. La cause est toujours là : allez voir.',
  armingTo: {
    armed_home: 'Armement – présence',
    armed_away: 'Armement – absence',
    armed_night: 'Armement – nuit',
    armed_vacation: 'Armement – vacances',
  },
  modes: { home: 'Présence', away: 'Absence', night: 'Nuit', vacation: 'Vacances' },

  onlyWhileDisarmed: 'Les modifications ne sont possibles que lorsque l’alarme est désarmée.',

  triggeredBy: 'Déclenchée par',
  since: 'Depuis',
  lastKnown: 'Dernier état connu',
  mayBeOutOfDate: 'L’affichage n’est peut-être plus à jour.',
  lastHeard: 'Dernières nouvelles de l’alarme à',
  secondsUnit_one: 'seconde',
  secondsUnit_other: 'secondes',
  announceSeconds_one: 'Il reste au plus {{count}} seconde.',
  announceSeconds_other: 'Il reste au plus {{count}} secondes.',
};
