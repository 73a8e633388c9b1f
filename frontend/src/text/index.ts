/** The page's words in the language that was loaded: `t('actions.save')`. */
import i18next from 'i18next';
import type { EventFacts, FieldCode } from '../api/schema/types';
import './words';

/** Call it while rendering, or later: no language is loaded while modules are. */
export const { t } = i18next;

/** For example "Home, Away, Night". */
export const listOf = (words: string[]) => new Intl.ListFormat(i18next.language, { type: 'unit' }).format(words);

type Group = 'alarm.states' | 'events.kinds' | 'events.causes';

/** The word for `key`, a name of the backend's; `key` itself without underscores where there is no word. */
export function wordFor(key: string, group: Group): string {
  const path = `${group}.${key}`;
  return i18next.exists(path) ? t(path as 'title') : key.replaceAll('_', ' ');
}

/** The sentence for an error code of the API; `english`, the API's own, where the language has none. */
export const problemWords = (code: string, english: string) =>
  exists('problems', code) ? compose(`problems.${code}`, {}) : english;

/** What is wrong with a field, by the code of the API; `english`, the API's own sentence, where there is none. */
export const faultWords = (fault: FieldCode | undefined, english: string) =>
  fault && exists('faults', fault.code) ? wordsOf('faults', fault) : english;

/** What the history says, composed of the facts; `english` where the event has none, or the language no sentence. */
export const factWords = (facts: EventFacts | null, english: string) =>
  facts && exists('facts', facts.code) ? wordsOf('facts', facts) : english;

/** English has no sentences by code, so `t` does not know the keys. */
const compose = i18next.t as unknown as (key: string, values: Record<string, string>) => string;

const exists = (group: string, code: string) => i18next.exists(`${group}.${code}`);

function wordsOf(group: string, { code, params }: EventFacts): string {
  const values = Object.entries(params).map(([name, value]) => [name, valueOf(name, value)]);
  return compose(`${group}.${code}`, Object.fromEntries(values) as Record<string, string>);
}

/** A name or a number, a moment, further facts, or several of them. */
function valueOf(name: string, value: unknown): string {
  if (Array.isArray(value)) return listOf(value.map((one) => valueOf(name, one)));
  if (isFacts(value)) return factWords(value, value.code.replaceAll('_', ' '));
  return name === 'moment' ? dateTimeOf(String(value)) : String(value);
}

const isFacts = (value: unknown): value is EventFacts =>
  typeof value === 'object' && value !== null && 'code' in value && 'params' in value;

const dateTimeOf = (moment: string) =>
  new Intl.DateTimeFormat(i18next.language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(moment));
