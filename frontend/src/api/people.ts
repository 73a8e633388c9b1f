/** Who may log in, and which PINs disarm. For administrators. */
import * as v from 'valibot';
import { Nothing, request } from './request';
import { roles } from './session';
import { Moment } from './shapes';

export type { Role } from './session';

const Person = v.object({
  id: v.number(),
  username: v.string(),
  name: v.string(),
  role: v.picklist(roles),
  is_active: v.boolean(),
});
export type Person = v.InferOutput<typeof Person>;
/** Without a password, the present one stays. */
export type PersonFields = Omit<Person, 'id'> & { password?: string };

export const codeStatuses = ['active', 'not_yet', 'expired', 'inactive'] as const;
export type CodeStatus = (typeof codeStatuses)[number];

const Code = v.object({
  id: v.number(),
  label: v.string(),
  person: v.nullable(v.number()),
  person_name: v.nullable(v.string()),
  duress: v.boolean(),
  valid_from: v.nullable(Moment),
  valid_until: v.nullable(Moment),
  is_active: v.boolean(),
  last_used_at: v.nullable(Moment),
  status: v.picklist(codeStatuses),
});
export type Code = v.InferOutput<typeof Code>;
export type CodeFields = Omit<Code, 'id' | 'person_name' | 'last_used_at' | 'status'> & { pin?: string };

export const getPeople = () => request(v.array(Person), '/api/people/');

export const addPerson = (body: PersonFields) => request(Person, '/api/people/', { method: 'POST', body });

export const changePerson = (id: number, body: PersonFields) =>
  request(Person, `/api/people/${id}/`, { method: 'PATCH', body });

export const deletePerson = (id: number) => request(Nothing, `/api/people/${id}/`, { method: 'DELETE' });

export const getCodes = () => request(v.array(Code), '/api/codes/');

export const addCode = (body: CodeFields) => request(Code, '/api/codes/', { method: 'POST', body });

export const changeCode = (id: number, body: CodeFields) =>
  request(Code, `/api/codes/${id}/`, { method: 'PATCH', body });

export const deleteCode = (id: number) => request(Nothing, `/api/codes/${id}/`, { method: 'DELETE' });
