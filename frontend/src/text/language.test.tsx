import { screen } from '@testing-library/react';
import i18next from 'i18next';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatMoment } from '../core/time';
import {
  anEvent,
  aSession,
  installFakeBackend,
  installFakeSocket,
  open,
  sent,
  tablet,
  type Backend,
} from '../testing/fakes';
import { factWords, faultWords, listOf, t, wordFor } from '.';
import english from './en';
import { browserLanguage, chooseLanguage, loadLanguage, nameOfLanguage, startLanguage, storedLanguage } from './language';

let backend: Backend;

const browserSpeaks = (...locales: string[]) => vi.spyOn(navigator, 'languages', 'get').mockReturnValue(locales);

beforeEach(() => {
  vi.useFakeTimers();
  installFakeSocket();
  backend = installFakeBackend();
});

afterEach(() => startLanguage('en', english));

describe('the language', () => {
  it('is the first of the browser that the page has', () => {
    browserSpeaks('it-IT', 'de-AT', 'en');
    expect(browserLanguage()).toBe('de');
  });

  it('is English for a browser with none of them', () => {
    browserSpeaks('it', 'pl');
    expect(browserLanguage()).toBe('en');
  });

  it('is the chosen one, until the choice is taken back', () => {
    browserSpeaks('de');
    const reload = vi.fn();
    chooseLanguage('fr', reload);
    expect(storedLanguage()).toBe('fr');
    chooseLanguage(undefined, reload);
    expect(storedLanguage()).toBeUndefined();
    expect(reload).toHaveBeenCalledTimes(2);
  });

  it('is English where something else is stored', () => {
    localStorage.setItem('alarm-panel-language', 'tlh');
    expect(storedLanguage()).toBeUndefined();
  });

  it('is stated in the document, and is the one of words, plurals and dates', async () => {
    browserSpeaks('de-AT');
    await loadLanguage();
    expect(document.documentElement.lang).toBe('de');
    expect(i18next.language).toBe('de-AT');
    expect(t('actions.save')).toBe('Speichern');
    expect(t('events.shown', { count: 1 })).toBe('1 Ereignis wird angezeigt.');
    expect(t('events.shown', { count: 2 })).toBe('2 Ereignisse werden angezeigt.');
    expect(listOf(['Intern', 'Nacht'])).toBe('Intern, Nacht');
    expect(formatMoment('2026-01-05T10:00:00Z', Date.parse('2026-03-01T10:00:00Z'))).toMatch(/^5\. Jän/);
    expect(wordFor('wrong_pin', 'events.kinds')).toBe('Falsche PIN');
    expect(wordFor('of_a_newer_backend', 'events.kinds')).toBe('of a newer backend');
  });

  it('names itself', () => {
    expect(['en', 'de', 'fr', 'es'].map((language) => nameOfLanguage(language as 'en'))).toEqual([
      'English',
      'Deutsch',
      'Français',
      'Español',
    ]);
  });
});

describe('the page in German', () => {
  beforeEach(async () => {
    localStorage.setItem('alarm-panel-language', 'de');
    await loadLanguage();
  });

  it('shows the state and the modes', async () => {
    await open('/');
    expect(screen.getByText('Unscharf')).toBeVisible();
    expect(screen.getByRole('button', { name: /Extern scharf/ })).toBeVisible();
    expect(document.title).toBe('Unscharf – Alarmanlage');
  });

  it('shows it to a tablet on the wall too', async () => {
    backend['/api/session/'] = { body: aSession(tablet) };
    await open('/');
    expect(screen.getByText('Unscharf')).toBeVisible();
  });

  it("shows an error's sentence by its code, and the backend's own where there is none", async () => {
    backend['/api/session/'] = { body: aSession(null) };
    const user = await open('/login');
    const logIn = async (code: string) => {
      backend['POST /api/session/'] = { status: 403, body: { code, detail: 'The backend’s own sentence.' } };
      await user.type(screen.getByLabelText('Benutzername'), 'anna');
      await user.type(screen.getByLabelText('Passwort'), 'geheim{Enter}');
    };
    await logIn('wrong_credentials');
    expect(screen.getByRole('alert')).toHaveTextContent('Benutzername oder Passwort ist falsch.');
    await logIn('of_a_newer_backend');
    expect(screen.getByRole('alert')).toHaveTextContent('The backend’s own sentence.');
  });

  it("shows what is wrong with a field by its code, and the backend's own sentence where there is none", async () => {
    backend['/api/session/'] = { body: { ...aSession(null), setup_required: true } };
    const user = await open('/setup');
    const fields = { username: 'Another person has this user name.', name: 'This has more than 64 characters.' };
    const answer = (field_codes: object) => {
      const body = { code: 'invalid', detail: 'name: …', fields, field_codes };
      backend['POST /api/setup/'] = { status: 400, body };
    };
    for (const label of ['Ihr Name', 'Benutzername', 'Passwort']) await user.type(screen.getByLabelText(label), 'Anna');
    answer({
      username: { code: 'of_a_newer_backend', params: {} },
      name: { code: 'max_length', params: { max: 64 } },
    });
    await user.type(screen.getByLabelText('PIN'), '1234{Enter}');
    expect(screen.getByText('Höchstens 64 Zeichen.')).toBeVisible();
    expect(screen.getByText('Another person has this user name.')).toBeVisible();
  });

  it('composes what the history says of its facts, and keeps the text of old events', async () => {
    const changed = {
      code: 'person_changed',
      params: {
        username: 'ben',
        changes: [
          { code: 'person_role', params: { value: { code: 'role_admin', params: {} } } },
          { code: 'new_password', params: {} },
        ],
      },
    };
    const sensor = { id: 1, name: 'Tür' };
    const until = { code: 'code_valid_until', params: { moment: '2026-01-05T10:00:00+00:00' } };
    const results = [
      anEvent({ id: 3, kind: 'person', detail: 'ben: role is now admin, …', facts: changed }),
      anEvent({ id: 2, kind: 'sensor', sensor, detail: 'Opened.', facts: { code: 'opened', params: {} } }),
      anEvent({ id: 1, kind: 'sensor', sensor, detail: 'Closed.' }),
    ];
    backend['/api/events/'] = { body: { results, next: null, previous: null } };
    await open('/');
    expect(screen.getByText('ben: die Rolle ist jetzt Administrator, das Passwort wurde geändert.')).toBeVisible();
    expect(screen.getByText('Tür: Geöffnet.')).toBeVisible();
    expect(screen.getByText('Tür: Closed.')).toBeVisible();
    expect(factWords({ code: 'of_a_newer_backend', params: {} }, 'Its text.')).toBe('Its text.');
    expect(factWords(until, '')).toMatch(/^gilt bis 05\.01\.2026, \d\d:00$/);
    expect(faultWords(undefined, 'Its text.')).toBe('Its text.');
  });

  it('tells the backend which language a person chooses, and keeps its own if that fails', async () => {
    backend['POST /api/session/language/'] = { status: 503, body: { code: 'database_unavailable', detail: '…' } };
    const user = await open('/settings');
    await user.click(screen.getByRole('button', { name: /Sprache/ }));
    await user.click(screen.getByRole('option', { name: 'Français' }));
    expect(sent('POST', '/api/session/language/')).toEqual([{ language: 'fr' }]);
    expect(storedLanguage()).toBe('de');
    expect(screen.getByText(/Die Datenbank ist nicht erreichbar/)).toBeVisible();
  });

  it('offers the other languages on the settings page and before the login', async () => {
    backend['/api/session/'] = { body: aSession(null) };
    const user = await open('/login');
    await user.click(screen.getByRole('button', { name: /Sprache/ }));
    expect(screen.getAllByRole('option').map(({ textContent }) => textContent)).toEqual([
      'Wie der Browser (English)',
      'English',
      'Deutsch',
      'Français',
      'Español',
    ]);
  });
});
