import { beforeEach, expect, it, vi } from 'vitest';
import { reloadForNewVersion } from './newVersion';

const reload = vi.fn();
reloadForNewVersion(reload);

/** What Vite does when a part of the page cannot be loaded; whether the error reaches the page. */
const partIsMissing = () => window.dispatchEvent(new Event('vite:preloadError', { cancelable: true }));

beforeEach(() => {
  sessionStorage.clear();
  reload.mockClear();
});

it('loads the page again where a part of it is gone', () => {
  expect(partIsMissing()).toBe(false);
  expect(reload).toHaveBeenCalledOnce();
});

it('does not load it again and again', () => {
  partIsMissing();
  expect(partIsMissing()).toBe(true);
  expect(reload).toHaveBeenCalledOnce();
});

it('loads it again at the next update', () => {
  vi.useFakeTimers();
  partIsMissing();
  vi.advanceTimersByTime(61_000);
  partIsMissing();
  expect(reload).toHaveBeenCalledTimes(2);
  vi.useRealTimers();
});
