import { LogOut, UserRound } from 'lucide-react';
import { useState } from 'react';
import { Button, Label, RadioButton, RadioField, RadioGroup } from 'react-aria-components';
import { chooseTheme, storedTheme, themes } from '../../core/theme';
import { useLogOut, useMe, useSaveLanguage } from '../../data/session';
import { t } from '../../text';
import { browserLanguage, chooseLanguage } from '../../text/language';
import { ErrorMessage } from '../../ui/ErrorMessage';
import { LanguageField } from '../../ui/LanguageField';

export function YouCard() {
  const me = useMe();
  const logOut = useLogOut();
  const save = useSaveLanguage();
  const [theme, setTheme] = useState(storedTheme);
  return (
    <section className="card" aria-labelledby="you">
      <h2 id="you">{t('settings.you')}</h2>
      <div className="row">
        <span className="tile">
          <UserRound />
        </span>
        <div className="row-words">
          <p className="row-title">{me.name}</p>
          <p className="row-detail">
            {me.username} · {t(`people.roles.${me.role}`)}
          </p>
        </div>
        <Button
          className="button"
          isDisabled={logOut.isPending}
          onPress={() => logOut.mutate()}
        >
          <LogOut />
          {t('settings.logOut')}
        </Button>
      </div>
      <ErrorMessage error={logOut.error} />
      <RadioGroup
        className="field"
        value={theme}
        onChange={(value) => {
          const chosen = themes.find((known) => known === value) ?? 'auto';
          setTheme(chosen);
          chooseTheme(chosen);
        }}
      >
        <Label>{t('settings.appearance')}</Label>
        <div className="segments">
          {themes.map((value) => (
            <RadioField key={value} value={value}>
              <RadioButton className="segment">{t(`settings.themes.${value}`)}</RadioButton>
            </RadioField>
          ))}
        </div>
      </RadioGroup>
      <LanguageField
        onChoose={(chosen) =>
          save.mutate({ language: chosen ?? browserLanguage() }, { onSuccess: () => chooseLanguage(chosen) })
        }
      />
      <ErrorMessage error={save.error} />
    </section>
  );
}
