/** After an update, a tab that was open asks for parts of the old version, which are gone: it loads the page again, once. */

const KEY = 'reloaded-for-new-version';
/** If the new page lacks a part too, loading it again does not help. */
const AGAIN_AFTER_MS = 60_000;

export function reloadForNewVersion(reload = () => window.location.reload()): void {
  window.addEventListener('vite:preloadError', (event) => {
    // For a missing script the router does this.
    if (!/preload CSS/i.test(event.payload.message)) return;
    const last = Number(sessionStorage.getItem(KEY));
    if (Date.now() - last < AGAIN_AFTER_MS) return; // the error reaches the page, which shows it
    sessionStorage.setItem(KEY, String(Date.now()));
    event.preventDefault();
    reload();
  });
}
