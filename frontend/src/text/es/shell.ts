import type { Words } from '../words';

export const shell: Words['shell'] = {
  title: 'Alarma del hogar',

  nav: {
    label: 'Páginas',
    skip: 'Ir al contenido',
    panel: 'Panel',
    sensors: 'Detectores',
    events: 'Eventos',
    people: 'Personas',
    alerts: 'Avisos',
    settings: 'Ajustes',
  },

  connection: {
    connecting: 'Conectando…',
    live: 'En directo',
    offline: 'Sin conexión',
    banner: 'Sin conexión: reconectando',
    bannerDetail: 'Lo que ve puede no estar actualizado.',
  },

  alarmBar: { label: 'Alarma', open: 'Abrir el panel' },
  worker: {
    banner: 'La alarma no funciona',
    detail:
      'Su proceso en segundo plano no está en marcha: ningún retardo termina y ninguna sirena suena. Reinicie la alarma.',
  },

  actions: {
    add: 'Añadir',
    save: 'Guardar',
    saving: 'Guardando…',
    cancel: 'Cancelar',
    close: 'Cerrar',
    edit: 'Editar',
    delete: 'Eliminar',
    copy: 'Copiar',
    copied: 'Copiado',
    retry: 'Reintentar',
    dismiss: 'Descartar',
    more: 'Acciones para {{name}}',
  },

  proof: {
    title: '¿Sigue siendo usted?',
    detail: 'Introduzca su contraseña para hacer este cambio. Se le volverá a pedir pasados 15 minutos.',
    password: 'Contraseña',
    confirm: 'Continuar',
  },

  loading: 'Cargando…',
  saved: 'Guardado.',
  notifications: 'Notificaciones',
  adminOnly: 'Solo un administrador puede ver esta página.',
  notFound: 'No hay ninguna página en esta dirección.',
  toPanel: 'Ir al panel',
  partMissing:
    'No se pudo cargar una parte de esta página. Puede que la alarma se acabe de actualizar: inténtelo de nuevo en un momento.',
  crashed: 'Se produjo un error en esta página.',
  refused: 'La alarma no ofrece esta página aquí.',
  starting: 'La alarma no responde. Puede que aún esté arrancando.',
  startingDetail: 'Esta página lo vuelve a intentar por sí sola.',

  errors: {
    push_refused:
      'El navegador o su servicio push rechaza las notificaciones. Permítalas en sus ajustes y compruebe que este dispositivo llega a internet.',
    unreachable: 'No se pudo contactar con la alarma. Inténtelo de nuevo.',
    unexpected: 'La alarma dio una respuesta que esta página no entiende.',
    retryIn: 'Vuelva a intentarlo en {{seconds}} s',
  },
};
