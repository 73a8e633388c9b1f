import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useNewVersion } from './useNewVersion';

const page = (script: string) => `<!doctype html><script type="module" crossorigin src="/assets/${script}"></script>`;

let served: string;
const reload = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  reload.mockReset();
  served = page('index-new.js');
  document.head.innerHTML = page('index-old.js');
  vi.stubGlobal(
    'fetch',
    vi.fn(() => Promise.resolve(new Response(served))),
  );
});

afterEach(() => {
  document.head.innerHTML = '';
});

const wait = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));
const MINUTE = 60_000;

function open(state = { live: true, idle: true }) {
  const hook = renderHook((now: typeof state) => useNewVersion({ ...now, reload }), { initialProps: state });
  return { ...hook, become: (changes: Partial<typeof state>) => hook.rerender({ ...state, ...changes }) };
}

describe('a page that the server has a new version of', () => {
  it('is loaded again once nobody has touched it for a minute', async () => {
    const { result } = open();
    await wait(MINUTE - 1000);
    expect(result.current).toBe(true);
    expect(reload).not.toHaveBeenCalled();
    await wait(1000);
    expect(reload).toHaveBeenCalledOnce();
  });

  it('is not while a PIN is being typed', async () => {
    open();
    await wait(MINUTE - 1000);
    document.dispatchEvent(new KeyboardEvent('keydown', { key: '1' }));
    await wait(MINUTE - 1000);
    expect(reload).not.toHaveBeenCalled();
    await wait(1000);
    expect(reload).toHaveBeenCalledOnce();
  });

  it('is not while a delay runs, but afterwards', async () => {
    const { become } = open({ live: true, idle: false });
    await wait(5 * MINUTE);
    expect(reload).not.toHaveBeenCalled();
    become({ idle: true });
    expect(reload).toHaveBeenCalledOnce();
  });

  it('is not loaded again and again, while two versions serve', async () => {
    const first = open();
    await wait(MINUTE);
    first.unmount();
    open();
    await wait(2 * MINUTE);
    expect(reload).toHaveBeenCalledOnce();
  });
});

it('asks at each new connection, and leaves no timer behind', async () => {
  served = page('index-old.js');
  const { become, unmount } = open();
  await wait(10 * MINUTE);
  expect(fetch).toHaveBeenCalledOnce();
  become({ live: false });
  become({ live: true });
  await wait(0);
  expect(fetch).toHaveBeenCalledTimes(2);
  expect(reload).not.toHaveBeenCalled();
  unmount();
  expect(vi.getTimerCount()).toBe(0);
});

it.each(['<title>Login of a proxy</title>', ''])('does not take %j for a new version', async (answer) => {
  served = answer;
  const { result } = open();
  await wait(2 * MINUTE);
  expect(result.current).toBe(false);
});
