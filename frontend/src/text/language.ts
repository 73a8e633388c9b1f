/** The page's language: the choice stored in this browser, otherwise the browser's own. */
import i18next from 'i18next';
import type { Translation } from './words';

/** Each is a chunk of its own, so that one is loaded. The first is for browsers that have none of them. */
const loaders = {
  en: () => import('./en'),
  de: () => import('./de'),
  fr: () => import('./fr'),
  es: () => import('./es'),
};

export type Language = keyof typeof loaders;
export const languages = Object.keys(loaders) as Language[];

const STORED_AS = 'alarm-panel-language';

const languageOf = (locale: string) => languages.find((known) => known === locale.split('-')[0]);

/** The choice in this browser; undefined to follow the browser. */
export const storedLanguage = () => languageOf(localStorage.getItem(STORED_AS) ?? '');

export const browserLanguage = (): Language =>
  navigator.languages.map(languageOf).find((known) => known !== undefined) ?? 'en';

/** Loads the page again: everything on it is in one language. */
export function chooseLanguage(language: Language | undefined, reload = () => window.location.reload()): void {
  if (language) localStorage.setItem(STORED_AS, language);
  else localStorage.removeItem(STORED_AS);
  reload();
}

/** With the browser's region, where that is of the language, for dates and numbers: `en-GB` for English in Britain. */
const localeFor = (language: Language) =>
  navigator.languages.find((locale) => languageOf(locale) === language) ?? language;

/** The name of a language in that language. */
export function nameOfLanguage(language: Language): string {
  const name = new Intl.DisplayNames(language, { type: 'language' }).of(language) ?? language;
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}

export const wordsOf = async (language: Language): Promise<Translation> => (await loaders[language]()).default;

/** Nothing may be rendered before it: `t` has no words yet. */
export async function loadLanguage(language = storedLanguage() ?? browserLanguage()): Promise<void> {
  startLanguage(language, await wordsOf(language));
}

/** Sets `i18next.language`, the locale for the platform's formats. */
export function startLanguage(language: Language, words: Translation): void {
  document.documentElement.lang = language;
  void i18next.init({
    lng: localeFor(language),
    resources: { [language]: { translation: words } },
    fallbackLng: false,
    initAsync: false,
    // React escapes.
    interpolation: { escapeValue: false },
  });
}
