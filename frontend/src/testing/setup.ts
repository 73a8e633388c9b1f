import '@testing-library/jest-dom/vitest';
import { cleanup } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

// Testing Library waits on a timer after each user action, and moves a faked clock only if it finds one named `jest`:
// https://github.com/testing-library/react-testing-library/issues/1197
Object.assign(globalThis, { jest: { advanceTimersByTime: vi.advanceTimersByTime } });

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});
