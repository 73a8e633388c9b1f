import { beforeEach, expect, it, vi } from 'vitest';
import { reloadForNewVersion } from './newVersion';

const reload = vi.fn();
reloadForNewVersion(reload);

const NO_STYLES = 'Unable to preload CSS for /assets/Events-1a2b3c4d.css';
const NO_SCRIPT = 'Failed to fetch dynamically imported module: /assets/Events-1a2b3c4d.js';

/** What Vite does when a part of the page cannot be loaded; whether the error reaches the page. */
const partIsMissing = (message = NO_STYLES) =>
  window.dispatchEvent(Object.assign(new Event('vite:preloadError', { cancelable: true }), { payload: new Error(message) }));

beforeEach(() => {
  sessionStorage.clear();
  reload.mockClear();
});

it('loads the page again where a part of it is gone', () => {
  expect(partIsMissing()).toBe(false);
  expect(reload).toHaveBeenCalledOnce();
});

it('leaves a missing script to the router, which would load the page a second time', () => {
  expect(partIsMissing(NO_SCRIPT)).toBe(true);
  expect(reload).not.toHaveBeenCalled();
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
