import '@testing-library/jest-dom/vitest';
import { cleanup } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

// Testing Library waits on a timer after each user action, and moves a faked clock only if it finds one named `jest`:
// https://github.com/testing-library/react-testing-library/issues/1197
Object.assign(globalThis, { jest: { advanceTimersByTime: vi.advanceTimersByTime } });

// The router scrolls to the top of each new page; jsdom lays nothing out, and has no scrolling.
window.scrollTo = () => undefined;

afterEach(() => {
  cleanup();
  sessionStorage.clear();
  localStorage.clear();
  vi.useRealTimers();
});
