/** The page's words in the language that was loaded: `t('actions.save')`. */
import i18next from 'i18next';
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
  t(`problems.${code}` as 'title', { defaultValue: english });
