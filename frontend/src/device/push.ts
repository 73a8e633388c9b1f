/** Notifications of this browser while the page is closed, through the push service of the browser's maker. */

/** `insecure`: browsers offer it on HTTPS and on localhost only. `denied`: the user has refused it for this site. */
export type PushAbility = 'able' | 'denied' | 'insecure' | 'unsupported';

export function pushAbility(): PushAbility {
  if (!window.isSecureContext) return 'insecure';
  if (!('serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window)) return 'unsupported';
  return Notification.permission === 'denied' ? 'denied' : 'able';
}

const manager = async () => (await navigator.serviceWorker.ready).pushManager;

/** The SHA-256 of this browser's subscription in hexadecimal, by which the server's list names it; null without one. */
export async function ownFingerprint(): Promise<string | null> {
  if (pushAbility() !== 'able') return null;
  const subscription = await (await manager()).getSubscription();
  return subscription && fingerprintOf(subscription.endpoint);
}

async function fingerprintOf(endpoint: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(endpoint));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export interface OwnSubscription {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}

/**
 * Asks the user, then the push service. Throws if one of them refuses.
 *
 * `keep`: the subscription that this browser has is used, where it is for this key. A new one has another address, so
 * that the server would list this browser twice.
 */
export async function subscribe(publicKey: string, keep: boolean): Promise<OwnSubscription> {
  const push = await manager();
  const known = await push.getSubscription();
  const kept = keep && known && keyOf(known) === publicKey ? known : null;
  // The browser refuses another key than that of a subscription that it has, e.g. of a panel that was set up anew.
  if (!kept) await known?.unsubscribe();
  const subscription = kept ?? (await push.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey }));
  const { endpoint, keys: { p256dh, auth } = {} } = subscription.toJSON();
  if (!endpoint || !p256dh || !auth) throw new Error('the browser gave no keys');
  return { endpoint, keys: { p256dh, auth } };
}

/** The key that a subscription is for, as the server writes it: Base64 for URLs, without padding. */
function keyOf({ options }: PushSubscription): string {
  const bytes = new Uint8Array(options.applicationServerKey ?? new ArrayBuffer(0));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

export async function unsubscribe(): Promise<void> {
  await (await (await manager()).getSubscription())?.unsubscribe();
}
