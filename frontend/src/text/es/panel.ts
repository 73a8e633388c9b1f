import type { Words } from '../words';

export const panel: Words['panel'] = {
  title: 'Panel',
  stateLabel: 'Estado de la alarma',

  armLabel: 'Armar la alarma',
  disarmLabel: 'Desarmar la alarma',
  offlineArm: 'Se podrá armar de nuevo en cuanto el panel esté conectado.',
  arm: { home: 'Armar en casa', away: 'Armar fuera', night: 'Armar noche', vacation: 'Armar vacaciones' },
  armDetail: { home: 'Se queda en casa', away: 'Sale de casa', night: 'Se va a dormir', vacation: 'Se va de viaje' },
  reasons: {
    open: 'abierto',
    no_contact: 'sin contacto',
    tamper: 'sabotaje',
  },
  notReady_one: '{{name}}: {{reasons}}',
  notReady_other: '{{count}} detectores no están listos',
  pin: 'PIN',
  clear: 'Borrar',
  deleteDigit: 'Borrar el último dígito',
  disarm: 'Desarmar',
  cancelArming: 'Cancelar el armado',
  sending: 'Enviando…',

  pinToArm: {
    home: 'PIN para armar en casa',
    away: 'PIN para armar fuera de casa',
    night: 'PIN para armar noche',
    vacation: 'PIN para armar vacaciones',
  },
  otherModes: 'Cambiar de modo',
  trouble: 'Avería',
  memory: {
    title: 'Hubo una alarma',
    detail: 'Desde la última confirmación la activó:',
    waits: 'Primero desarme, después confírmela.',
    acknowledge: 'Confirmar',
    back: 'Volver',
  },

  bypassConfirmation: {
    title: 'No está lista para armarse',
    detail:
      'Cierre lo que está abierto, o arme sin esos detectores. No se vigilarán hasta el próximo desarmado.',
    arm: {
      home: 'Armar en casa sin ellos',
      away: 'Armar fuera sin ellos',
      night: 'Armar noche sin ellos',
      vacation: 'Armar vacaciones sin ellos',
    },
    armOne: {
      home: 'Armar en casa sin él',
      away: 'Armar fuera sin él',
      night: 'Armar noche sin él',
      vacation: 'Armar vacaciones sin él',
    },
    back: 'Volver',
  },

  readiness: {
    label: 'Detectores',
    all: 'Todos los detectores',
    none: 'Aún no se ha añadido ningún detector.',
    allQuiet_one: 'El detector está en reposo.',
    allQuiet_other: 'Los {{count}} detectores están en reposo.',
    othersQuiet_one: 'El otro detector está en reposo.',
    othersQuiet_other: 'Los otros {{count}} están en reposo.',
    unheard: '{{name}} aún no ha dado señal',
    isOpen: '{{name}}: abierto',
    isClosed: '{{name}}: cerrado',
    bypassed: 'Anulado hasta el próximo desarmado',
    noBypass: 'Solo se puede anular con la alarma desarmada',
    bypass: 'Anular',
    unbypass: 'Volver a vigilar',
    bypassName: 'Anular {{name}}',
    unbypassName: 'Volver a vigilar: {{name}}',
    blocks: 'No está listo para: {{modes}}',
  },

  events: { label: 'Últimos eventos', all: 'Todos los eventos' },
};
