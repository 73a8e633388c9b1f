/** Registers public/service-worker.js. Browsers have service workers on HTTPS and on localhost only. */
export function registerServiceWorker(): void {
  if (!('serviceWorker' in navigator)) return;
  // The page works without it: what needs it, push, says so itself.
  navigator.serviceWorker.register('/service-worker.js').catch((error: unknown) => console.warn(error));
}
