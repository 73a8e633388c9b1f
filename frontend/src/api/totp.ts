/** The authenticator app of one's own logins, for administrators. */
import { Nothing, request } from './request';
import type { NewTotp, TotpCodeRequest } from './schema/types';
import { vNewTotp, vRecoveryCodes, vTotp } from './schema/valibot';

export type { NewTotp };

const TOTP = '/api/session/totp/';

export const getTotp = () => request(vTotp, TOTP);

export const beginTotp = () => request(vNewTotp, TOTP, { method: 'POST' });

export const confirmTotp = (body: TotpCodeRequest) => request(vRecoveryCodes, `${TOTP}confirm/`, { method: 'POST', body });

export const renewRecoveryCodes = () => request(vRecoveryCodes, `${TOTP}recovery-codes/`, { method: 'POST' });

export const removeTotp = () => request(Nothing, TOTP, { method: 'DELETE' });
