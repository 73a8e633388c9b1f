import * as v from 'valibot';
import { Nothing, request } from './request';
import type { Code, CodeRequest, Person, PersonRequest } from './schema/types';
import { vCode, vPerson } from './schema/valibot';

export type { Code, Person };
/** Without a password, the stored one stays. */
export type PersonFields = Required<Omit<PersonRequest, 'password'>> & { password?: string };
/** Without a PIN, the stored one stays. */
export type CodeFields = Omit<CodeRequest, 'pin'> & { pin?: string };

export const roles = vPerson.entries.role.options;

export const getPeople = () => request(v.array(vPerson), '/api/people/');

export const addPerson = (body: PersonFields) => request(vPerson, '/api/people/', { method: 'POST', body });

export const changePerson = (id: number, body: PersonFields) =>
  request(vPerson, `/api/people/${id}/`, { method: 'PATCH', body });

export const deletePerson = (id: number) => request(Nothing, `/api/people/${id}/`, { method: 'DELETE' });

export const getCodes = () => request(v.array(vCode), '/api/codes/');

export const addCode = (body: CodeFields) => request(vCode, '/api/codes/', { method: 'POST', body });

export const changeCode = (id: number, body: CodeFields) =>
  request(vCode, `/api/codes/${id}/`, { method: 'PATCH', body });

export const deleteCode = (id: number) => request(Nothing, `/api/codes/${id}/`, { method: 'DELETE' });
