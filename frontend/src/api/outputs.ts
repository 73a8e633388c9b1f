/** Sirens and relays. */
import * as v from 'valibot';
import { Nothing, request } from './request';
import type { NewOutput, Output, OutputLogin, OutputRequest } from './schema/types';
import { vNewOutput, vOutput, vOutputPassword } from './schema/valibot';

export type { NewOutput, Output, OutputLogin };
/** What everyone sees of an output. */
export type ReportedOutput = Pick<Output, 'id' | 'name' | 'reported' | 'error'>;
/** Without addresses, the stored ones stay. */
export type OutputFields = OutputRequest;

export const outputKinds = vOutput.entries.kind.options;
export const outputTones = vOutput.entries.tones.item.options;
export const webhookMethods = vOutput.entries.method.options;

export const getOutputs = () => request(v.array(vOutput), '/api/outputs/');

/** The answer of a new MQTT output has its password, which no later answer shows. */
export const addOutput = (body: OutputFields) => request(vNewOutput, '/api/outputs/', { method: 'POST', body });

export const changeOutput = (id: number, body: Partial<OutputFields>) =>
  request(vOutput, `/api/outputs/${id}/`, { method: 'PATCH', body });

export const deleteOutput = (id: number) => request(Nothing, `/api/outputs/${id}/`, { method: 'DELETE' });

export const renewOutputPassword = (id: number) =>
  request(vOutputPassword, `/api/outputs/${id}/password/`, { method: 'POST' });

/** It sounds for two seconds. */
export const testOutput = (id: number) => request(vOutput, `/api/outputs/${id}/test/`, { method: 'POST' });
