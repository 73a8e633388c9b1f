import type { Words } from '../words';

export const alarm: Words['alarm'] = {
  states: {
    disarmed: 'Desarmada',
    arming: 'Armando',
    armed_home: 'Armada en casa',
    armed_away: 'Armada fuera de casa',
    armed_night: 'Armada noche',
    armed_vacation: 'Armada vacaciones',
    pending: 'Retardo de entrada',
    triggered: '¡Alarma!',
  },
  unknownState: 'Desconocido',

  details: {
    disarmed: 'Las puertas y ventanas no están vigiladas.',
    arming: 'Salga ahora, o cancele con su PIN.',
    armed_home: 'Está en casa: se vigilan los detectores del modo en casa.',
    armed_away: 'Está fuera: se vigilan los detectores del modo fuera de casa.',
    armed_night: 'Está durmiendo: se vigilan los detectores del modo noche.',
    armed_vacation: 'Está de viaje: se vigilan los detectores del modo vacaciones.',
    pending: 'Introduzca su PIN antes de que suene la sirena.',
    triggered: 'Introduzca su PIN para pararla.',
  },
  unknownDetail: 'Esperando la respuesta de la alarma.',
  silenced: 'La sirena está parada. La causa sigue ahí: vaya a comprobarlo.',
  armingTo: {
    armed_home: 'Armando en casa',
    armed_away: 'Armando fuera de casa',
    armed_night: 'Armando noche',
    armed_vacation: 'Armando vacaciones',
  },
  modes: { home: 'En casa', away: 'Fuera de casa', night: 'Noche', vacation: 'Vacaciones' },

  onlyWhileDisarmed: 'Solo se pueden hacer cambios con la alarma desarmada.',

  triggeredBy: 'Activada por',
  since: 'Desde',
  lastKnown: 'Último estado conocido',
  mayBeOutOfDate: 'Esto puede no estar actualizado.',
  lastHeard: 'Últimas noticias de la alarma a las',
  secondsUnit_one: 'segundo',
  secondsUnit_other: 'segundos',
  announceSeconds_one: 'Queda como máximo {{count}} segundo.',
  announceSeconds_other: 'Quedan como máximo {{count}} segundos.',
};
