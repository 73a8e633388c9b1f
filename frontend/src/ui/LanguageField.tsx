/** The choice of this browser's language. It is also on the login page: a tablet on the wall has no settings. */
import { t } from '../text';
import { browserLanguage, chooseLanguage, languages, nameOfLanguage, storedLanguage, type Language } from '../text/language';
import { ChoiceField } from './fields';

const OF_BROWSER = 'browser';

interface LanguageFieldProps {
  /** Undefined for the browser's. */
  onChoose?: (language: Language | undefined) => void;
}

export const LanguageField = ({ onChoose = chooseLanguage }: LanguageFieldProps) => (
  <ChoiceField
    label={t('settings.language')}
    choices={[
      { id: OF_BROWSER, name: t('settings.languageOfBrowser', { language: nameOfLanguage(browserLanguage()) }) },
      ...languages.map((language) => ({ id: language, name: nameOfLanguage(language) })),
    ]}
    value={storedLanguage() ?? OF_BROWSER}
    onChange={(chosen) => onChoose(languages.find((language) => language === chosen))}
  />
);
