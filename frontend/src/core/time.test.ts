import { act, cleanup, renderHook } from '@testing-library/react';
import { beforeEach, expect, it, vi } from 'vitest';
import { useMinute, useSecondsUntil } from './time';

const noon = Date.parse('2030-01-01T12:00:00Z');

beforeEach(() => {
  vi.useFakeTimers({ now: noon });
});

it('has one timer for all who look at the clock, and none for nobody', () => {
  const rows = Array.from({ length: 100 }, () => renderHook(() => useMinute()));
  renderHook(() => useSecondsUntil(noon + 90_000));
  expect(vi.getTimerCount()).toBe(1);
  rows[0]?.unmount();
  expect(vi.getTimerCount()).toBe(1);
  cleanup();
  expect(vi.getTimerCount()).toBe(0);
});

it('shows each looker the time, also one that comes later', () => {
  const first = renderHook(() => useSecondsUntil(noon + 90_000));
  act(() => {
    vi.advanceTimersByTime(30_000);
  });
  const second = renderHook(() => useSecondsUntil(noon + 90_000));
  expect([first.result.current, second.result.current]).toEqual([60, 60]);
  act(() => {
    vi.advanceTimersByTime(31_000);
  });
  expect([first.result.current, second.result.current]).toEqual([29, 29]);
});
