import '@testing-library/jest-dom/vitest';
import { cleanup } from '@testing-library/react';
import { afterEach, beforeEach, vi } from 'vitest';
import english from '../text/en';
import { startLanguage } from '../text/language';
import { installFakeAudio } from './fakeAudio';

// Testing Library waits on a timer after each user action. It advances fake timers only of a global named `jest`:
// https://github.com/testing-library/react-testing-library/issues/1197
Object.assign(globalThis, { jest: { advanceTimersByTime: vi.advanceTimersByTime } });

// The router scrolls to the top of each new page; jsdom does not implement scrolling.
window.scrollTo = () => undefined;

startLanguage('en', english);

beforeEach(() => installFakeAudio());

afterEach(() => {
  cleanup();
  sessionStorage.clear();
  localStorage.clear();
  vi.useRealTimers();
});
