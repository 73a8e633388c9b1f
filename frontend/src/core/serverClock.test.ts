import { beforeEach, expect, it, vi } from 'vitest';
import { learnServerTime, localTime } from './serverClock';

const now = Date.parse('2030-01-01T12:00:00Z');
const deadline = '2030-01-01T12:06:00Z';

beforeEach(() => {
  vi.useFakeTimers({ now });
});

it('follows a server whose clock differs', () => {
  learnServerTime('Tue, 01 Jan 2030 12:05:00 GMT', now);
  expect(localTime(deadline)).toBe(now + 59_500);
});

it('ignores differences below the header’s resolution', () => {
  learnServerTime('Tue, 01 Jan 2030 12:00:01 GMT', now);
  expect(localTime(deadline)).toBe(now + 360_000);
});

it('keeps its estimate when an answer has no date', () => {
  learnServerTime('Tue, 01 Jan 2030 12:05:00 GMT', now);
  learnServerTime(null, now);
  expect(localTime(deadline)).toBe(now + 59_500);
});
