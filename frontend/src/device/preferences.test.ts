import { act, renderHook } from '@testing-library/react';
import { expect, it } from 'vitest';
import { prefer, preferences, usePreferences } from './preferences';

const of = (kiosk: boolean) => renderHook(() => usePreferences(kiosk)).result;

it('lets a tablet on the wall sound and stay on, and no other device', () => {
  expect(of(true).current).toMatchObject({ sound: true, awake: true });
  expect(of(false).current).toMatchObject({ sound: false, awake: false });
});

it('keeps what was chosen, for each who reads it', () => {
  const shown = of(true);
  act(() => prefer({ sound: false, volume: 0.3 }));
  expect(shown.current).toMatchObject({ sound: false, volume: 0.3, awake: true });
});

it.each(['not JSON', 'null', '[1]', '{"volume": 7, "sound": "yes"}'])('ignores %s in the storage', (stored) => {
  localStorage.setItem('alarm-panel-device', stored);
  expect(preferences()).toMatchObject({ volume: 0.8, fullScreen: false });
  expect(of(true).current.sound).toBe(true);
});
