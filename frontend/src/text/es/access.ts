import type { Words } from '../words';

export const access: Words['access'] = {
  login: {
    title: 'Iniciar sesión',
    username: 'Usuario',
    password: 'Contraseña',
    submit: 'Iniciar sesión',
    sending: 'Iniciando sesión…',
    expired: 'Su sesión ha caducado. Vuelva a iniciarla para continuar.',
  },
  setup: {
    title: 'Bienvenido',
    detail: 'Esta alarma es nueva. Añada el primer administrador y el primer PIN.',
    token: 'Token de configuración',
    tokenHint: 'Lo mostró la orden que inició la alarma.',
    you: 'Usted',
    yourName: 'Su nombre',
    username: 'Usuario',
    usernameHint: 'Para iniciar sesión en este y en otros dispositivos.',
    password: 'Contraseña',
    code: 'Su código',
    pin: 'PIN',
    pinHint: 'De 4 a 12 dígitos. Desarma la alarma en el teclado.',
    submit: 'Configurar la alarma',
    sending: 'Configurando…',
  },
};
