import { LogOut, UserRound } from 'lucide-react';
import { useState } from 'react';
import { Button, Label, RadioButton, RadioField, RadioGroup } from 'react-aria-components';
import { chooseTheme, storedTheme, themes } from '../../core/theme';
import { useLogOut, useMe } from '../../data/session';
import { text } from '../../text';
import { ErrorMessage } from '../../ui/ErrorMessage';

const words = text.settings;

export function YouCard() {
  const me = useMe();
  const logOut = useLogOut();
  const [theme, setTheme] = useState(storedTheme);
  return (
    <section className="card" aria-labelledby="you">
      <h2 id="you">{words.you}</h2>
      <div className="row">
        <span className="tile">
          <UserRound />
        </span>
        <div className="row-words">
          <p className="row-title">{me.name}</p>
          <p className="row-detail">
            {me.username} · {text.people.roles[me.role]}
          </p>
        </div>
        <Button
          className="button"
          isDisabled={logOut.isPending}
          onPress={() => logOut.mutate()}
        >
          <LogOut />
          {words.logOut}
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
        <Label>{words.appearance}</Label>
        <div className="segments">
          {themes.map((value) => (
            <RadioField key={value} value={value}>
              <RadioButton className="segment">{words.themes[value]}</RadioButton>
            </RadioField>
          ))}
        </div>
      </RadioGroup>
    </section>
  );
}
