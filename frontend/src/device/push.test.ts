import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ownFingerprint, pushAbility, subscribe, unsubscribe } from './push';

const ENDPOINT = 'https://push.example/abc';
/** `printf %s https://push.example/abc | sha256sum` */
const FINGERPRINT = 'f7a263f8786e9f9540c48a757245e31290708979548c369f207cbcff9e23bb86';

const keys = { p256dh: 'public', auth: 'secret' };
const cancel = vi.fn();
/** Base64 would have + and / and = in the place of - and _ and nothing. */
const KEY = '-_8';
const subscription = {
  endpoint: ENDPOINT,
  options: { applicationServerKey: new Uint8Array([0xfb, 0xff]).buffer },
  unsubscribe: cancel,
  toJSON: () => ({ endpoint: ENDPOINT, keys }),
};
const manager = { getSubscription: vi.fn(), subscribe: vi.fn() };

beforeEach(() => {
  cancel.mockReset();
  manager.getSubscription.mockReset().mockResolvedValue(null);
  manager.subscribe.mockReset().mockResolvedValue(subscription);
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('PushManager', vi.fn());
  vi.stubGlobal('Notification', { permission: 'default' });
  vi.stubGlobal('navigator', { serviceWorker: { ready: Promise.resolve({ pushManager: manager }) } });
});

describe('the ability to show notifications', () => {
  it('needs HTTPS, whatever else the browser has', () => {
    expect(pushAbility()).toBe('able');
    vi.stubGlobal('isSecureContext', false);
    expect(pushAbility()).toBe('insecure');
  });

  it('needs a browser that has them, and a user who did not refuse', () => {
    vi.stubGlobal('Notification', { permission: 'denied' });
    expect(pushAbility()).toBe('denied');
    vi.stubGlobal('navigator', {});
    expect(pushAbility()).toBe('unsupported');
  });
});

it('names this browser by the hash of its subscription', async () => {
  expect(await ownFingerprint()).toBeNull();
  manager.getSubscription.mockResolvedValue(subscription);
  expect(await ownFingerprint()).toBe(FINGERPRINT);
});

it('replaces a subscription with the key of another panel', async () => {
  manager.getSubscription.mockResolvedValue(subscription);
  expect(await subscribe('key', true)).toEqual({ endpoint: ENDPOINT, keys });
  expect(cancel).toHaveBeenCalledBefore(manager.subscribe);
  expect(manager.subscribe).toHaveBeenCalledWith({ userVisibleOnly: true, applicationServerKey: 'key' });
});

it('keeps the subscription that the server has, so that other kinds do not list this browser twice', async () => {
  manager.getSubscription.mockResolvedValue(subscription);
  expect(await subscribe(KEY, true)).toEqual({ endpoint: ENDPOINT, keys });
  expect(cancel).not.toHaveBeenCalled();
  expect(manager.subscribe).not.toHaveBeenCalled();
});

it('makes a new one where the server has none: the push service may have ended it', async () => {
  manager.getSubscription.mockResolvedValue(subscription);
  await subscribe(KEY, false);
  expect(cancel).toHaveBeenCalledBefore(manager.subscribe);
});

it('ends the subscription', async () => {
  await unsubscribe();
  manager.getSubscription.mockResolvedValue(subscription);
  await unsubscribe();
  expect(cancel).toHaveBeenCalledOnce();
});
