import { beforeEach, expect, it, vi } from 'vitest';
import { keepAwake } from './wakeLock';

class FakeLock {
  released = false;
  onrelease: (() => void) | null = null;
  release = () => {
    this.released = true;
    this.onrelease?.();
    return Promise.resolve();
  };
}

let locks: FakeLock[];
const onChange = vi.fn();
const request = vi.fn();

beforeEach(() => {
  locks = [];
  onChange.mockReset();
  request.mockReset().mockImplementation(() => {
    const lock = new FakeLock();
    locks.push(lock);
    return Promise.resolve(lock);
  });
  vi.stubGlobal('navigator', { wakeLock: { request } });
});

const settled = () => vi.waitFor(() => expect(onChange).toHaveBeenCalled());

function become(visibility: 'visible' | 'hidden') {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(visibility === 'hidden');
  document.dispatchEvent(new Event('visibilitychange'));
}

it('asks again when the page is seen again', async () => {
  const stop = keepAwake(onChange);
  await settled();
  expect(onChange).toHaveBeenLastCalledWith(true);
  become('hidden');
  void locks[0]?.release(); // as browsers do
  expect(onChange).toHaveBeenLastCalledWith(false);
  become('visible');
  await vi.waitFor(() => expect(onChange).toHaveBeenLastCalledWith(true));
  expect(locks).toHaveLength(2);
  stop();
  expect(locks[1]?.released).toBe(true);
});

it('keeps one lock, however often the page is seen', async () => {
  const stop = keepAwake(onChange);
  await settled();
  become('visible');
  become('visible');
  expect(request).toHaveBeenCalledOnce();
  stop();
});

it('says when the system refuses', async () => {
  request.mockRejectedValue(new DOMException('', 'NotAllowedError'));
  const stop = keepAwake(onChange);
  await settled();
  expect(onChange).toHaveBeenCalledWith(false);
  stop();
});

it('gives back a lock that arrives after the end, and asks for no other', async () => {
  const stop = keepAwake(onChange);
  stop();
  await vi.waitFor(() => expect(locks[0]?.released).toBe(true));
  become('visible');
  expect(request).toHaveBeenCalledOnce();
});
