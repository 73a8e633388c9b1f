/** A fresh proof of who the user is: the backend asks for it before a change, and the page asks the user. */
import { Nothing, onProofRequired, request } from './request';
import type { ProofRequest } from './schema/types';

export { onProofRequired };

export const prove = (body: ProofRequest) => request(Nothing, '/api/session/proof/', { method: 'POST', body });
