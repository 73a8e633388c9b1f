import { describe, expect, it } from 'vitest';
import { factParams } from '../api/schema/factCodes';
import { fieldParams } from '../api/schema/fieldCodes';
import en from './en';
import { languages, wordsOf } from './language';

const PLURAL = /_(zero|one|two|few|many|other)$/;

/** Each sentence by its key, for example `actions.save`. */
function sentencesOf(words: object, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(words) as [string, string | object][]) {
    if (typeof value === 'string') found.set(prefix + key, value);
    else for (const [inner, sentence] of sentencesOf(value, `${prefix}${key}.`)) found.set(inner, sentence);
  }
  return found;
}

const placeholdersOf = (sentence: string) => (sentence.match(/{{\w+}}/g) ?? []).sort();

/** The plural forms that a language has for counts of things in a home. */
const formsOf = (language: string) => {
  const rules = new Intl.PluralRules(language);
  return new Set(Array.from({ length: 1000 }, (_, count) => rules.select(count)));
};

const english = sentencesOf(en);

/** The API's sentences are not English's: their keys are checked by the type checker. */
const translations = await Promise.all(
  languages
    .filter((language) => language !== 'en')
    .map(async (language) => {
      const { problems, faults, facts, ...words } = await wordsOf(language);
      return { language, problems, faults, facts, sentences: sentencesOf(words) };
    }),
);

describe.each(translations)('$language', ({ language, problems, faults, facts, sentences }) => {
  const bases = (of: Map<string, string>) => new Set([...of.keys()].map((key) => key.replace(PLURAL, '')));

  it('has the keys of English, and no others', () => {
    expect([...bases(sentences)].sort()).toEqual([...bases(english)].sort());
  });

  it('has each of its plural forms', () => {
    const plurals = [...english.keys()].filter((key) => key.endsWith('_other')).map((key) => key.replace(PLURAL, ''));
    expect(plurals).not.toHaveLength(0);
    for (const form of formsOf(language)) {
      for (const base of plurals) expect(sentences.has(`${base}_${form}`), `${base}_${form}`).toBe(true);
    }
  });

  it('has the placeholders of English', () => {
    for (const [key, sentence] of sentences) {
      const original = english.get(key) ?? english.get(key.replace(PLURAL, '_other')) ?? '';
      expect(placeholdersOf(sentence), key).toEqual(placeholdersOf(original));
    }
  });

  it('is not English', () => {
    const wordsOnly = (sentence: string) => sentence.replaceAll(/{{\w+}}/g, '');
    const same = [...sentences].filter(
      ([key, sentence]) => wordsOnly(sentence).length > 20 && sentence === english.get(key),
    );
    expect(same).toEqual([]);
  });

  it('has the API’s sentences, which have no placeholders', () => {
    expect(Object.values(problems ?? {}).join('')).toMatch(/^[^{]+$/);
  });

  it('has what the history says, with all that is known of it', () => {
    const found = Object.entries(facts ?? {}).map(([code, sentence]) => [code, placeholdersOf(sentence)]);
    const wanted = Object.entries(factParams).map(([code, names]) => [code, names.map((name) => `{{${name}}}`).sort()]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(wanted));
  });

  it('has what is wrong with a field, with nothing that the API does not send', () => {
    expect(Object.keys(faults ?? {}).concat('invalid').sort()).toEqual(Object.keys(fieldParams).sort());
    for (const [code, sentence] of Object.entries(faults ?? {})) {
      const sent = fieldParams[code as keyof typeof fieldParams].map((name) => `{{${name}}}`);
      expect(sent, code).toEqual(expect.arrayContaining(placeholdersOf(sentence)));
    }
  });
});
