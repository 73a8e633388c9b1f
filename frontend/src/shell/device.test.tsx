import { screen } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { preferences } from '../device/preferences';
import { samplesOf, type Tone } from '../device/tones';
import { FakeAudioContext, FakeSource, installFakeAudio } from '../testing/fakeAudio';
import {
  advance,
  anAlarm,
  aSession,
  change,
  disconnect,
  inSeconds,
  installFakeBackend,
  installFakeSocket,
  nextAlarm,
  open,
  tablet,
  type Backend,
} from '../testing/fakes';
import { t } from '../text';

let backend: Backend;

beforeEach(() => {
  vi.useFakeTimers();
  installFakeSocket();
  backend = installFakeBackend();
  backend['/api/session/'] = { body: aSession(tablet) };
});

const RATE = 8000;
/** Whether this is what is being repeated; null for silence. */
const expectSound = (tone: Tone | null) =>
  expect(FakeSource.sounding.filter(({ loop }) => loop).map(({ buffer }) => buffer.length)).toEqual(
    tone ? [samplesOf(tone, RATE).length] : [],
  );

describe('a tablet on the wall', () => {
  it('sounds as the alarm does', async () => {
    const arming = anAlarm({ state: 'arming', target: 'armed_away', deadline: inSeconds(20), sequence: 1 });
    await open('/', { alarm: arming });
    expectSound('exit');
    await advance(11_000);
    expectSound('exit_ending');
    await nextAlarm(anAlarm({ state: 'armed_away', sequence: 2 }));
    expectSound(null);
    const by = [{ id: 1, name: 'Kitchen', kind: 'smoke' as const }];
    await nextAlarm(anAlarm({ state: 'triggered', siren: true, triggered_by: by, deadline: inSeconds(60), sequence: 3 }));
    expectSound('fire');
    await disconnect();
    expectSound('fire');
    await advance(61_000);
    expectSound(null);
  });

  it('rings at a chime, and shows what was opened', async () => {
    await open('/');
    await change(2, 'chime', { id: 1, name: 'Back door' });
    expect(FakeSource.sounding.map(({ loop }) => loop)).toEqual([false]);
    expect(screen.getByText(t('device.chimed', { name: 'Back door' }))).toBeVisible();
  });

  it('asks for a tap until the browser lets it sound', async () => {
    installFakeAudio({ needsTap: true });
    const user = await open('/');
    expect(screen.getByText(t('device.tap'))).toBeVisible();
    FakeAudioContext.needsTap = false;
    await user.click(screen.getByRole('region', { name: t('panel.stateLabel') }));
    expect(screen.queryByText(t('device.tap'))).not.toBeInTheDocument();
  });

  it('is silent when its sound is switched off, also after it was loaded again', async () => {
    const user = await open('/', { alarm: anAlarm({ state: 'pending', deadline: inSeconds(20) }) });
    expectSound('entry');
    await user.click(screen.getByRole('button', { name: t('device.title') }));
    await user.click(screen.getByRole('switch', { name: t('device.sound') }));
    expectSound(null);
    expect(preferences().sound).toBe(false);
  });
});

it('is silent on other devices unless that is chosen', async () => {
  backend['/api/session/'] = { body: aSession() };
  await open('/', { alarm: anAlarm({ state: 'pending', deadline: inSeconds(20) }) });
  expectSound(null);
  expect(FakeAudioContext.latest).toBeUndefined();
});
