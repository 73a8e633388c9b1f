/** What each language is held to: the keys of English. */
import type { factParams } from '../api/schema/factCodes';
import type { fieldParams } from '../api/schema/fieldCodes';
import type { ProblemCode } from '../api/schema/problems';
import type english from './en';
import type { parts } from './en';

/** Plural forms that English does not need and another language may. */
type MorePlurals<T> = {
  [Key in keyof T as Key extends `${infer Base}_other` ? `${Base}_${'zero' | 'two' | 'few' | 'many'}` : never]?: string;
};

type SameKeys<T> = { [Key in keyof T]: T[Key] extends string ? string : SameKeys<T[Key]> } & MorePlurals<T>;

/** By the module of a language. */
export type Words = SameKeys<typeof parts>;

/** The API's sentences by error code, for languages other than its own, which is English. */
export type Problems = Record<ProblemCode, string>;

/** What is wrong with a field, by its code. `invalid` stands for what only the API's own sentence says. */
export type Faults = Record<Exclude<keyof typeof fieldParams, 'invalid'>, string>;

/** What the history says, by its code. */
export type Facts = Record<keyof typeof factParams, string>;

export type Translation = SameKeys<typeof english> & { problems?: Problems; faults?: Faults; facts?: Facts };

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof english };
  }
}
