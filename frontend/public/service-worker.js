/**
 * Shows what the server pushes, and opens the panel when that is tapped.
 *
 * It handles no request and keeps no file: a page out of a cache could show an old state of the alarm as the current
 * one, and old code after an update. Without the network the browser says that the panel cannot be reached.
 */
/// <reference lib="webworker" />

/** @type {ServiceWorkerGlobalScope} */
// @ts-expect-error: the library types `self` as the scope of any worker
const worker = self;

/** A new version has nothing to wait for, as no page takes files from it. */
worker.addEventListener('install', (event) => event.waitUntil(worker.skipWaiting()));

worker.addEventListener('push', (event) => {
  const { title, ...options } = notificationOf(event.data);
  event.waitUntil(worker.registration.showNotification(title, options));
});

worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openPanel());
});

/** @param {PushMessageData | null} data */
function notificationOf(data) {
  const { title, body, kind, silent } = read(data);
  return {
    title: title ?? 'Home alarm',
    body: body ?? '',
    icon: '/icons/panel-192.png',
    badge: '/icons/badge-96.png',
    // An alarm stays until it is tapped.
    requireInteraction: kind === 'alarm',
    // Of duress, an attacker beside the phone must hear nothing.
    silent: silent === true,
  };
}

/**
 * Browsers demand a notification for each message, also for one that cannot be read.
 *
 * @param {PushMessageData | null} data
 * @returns {{ title?: string, body?: string, kind?: string, silent?: boolean }}
 */
function read(data) {
  try {
    const message = /** @type {unknown} */ (data?.json());
    return typeof message === 'object' && message !== null ? message : {};
  } catch {
    return {};
  }
}

/** Brings an open page to the front, as it has the socket already. */
async function openPanel() {
  const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const page = pages.find(({ visibilityState }) => visibilityState === 'visible') ?? pages[0];
  await (page ? page.focus() : worker.clients.openWindow('/'));
}
