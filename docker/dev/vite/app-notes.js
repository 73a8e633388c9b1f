/** What of the app's configuration is not used here, or behaves in another way in production: one line each. */
import { appRules } from './app-proxy.js';

/**
 * @param {import('vite').ServerOptions} app
 * @param {string[]} prefixes
 * @returns {string[]}
 */
export function appNotes(app, prefixes) {
  const notes = proxyNotes(app.proxy ?? {}, prefixes);
  if (app.allowedHosts === true) {
    notes.push('server.allowedHosts is true: not used here. ALARM_HOSTS in .env lists further names, for production, too.');
  }
  return notes;
}

/**
 * @param {import('./app-proxy.js').AppProxy} proxy
 * @param {string[]} prefixes
 * @returns {string[]}
 */
export function proxyNotes(proxy, prefixes) {
  return appRules(proxy, prefixes).flatMap(({ context, kind, options }) => {
    const name = `server.proxy '${context}'`;
    if (kind === 'everything') return [`${name} is not used: it would take the page's own files, too.`];
    if (kind === 'elsewhere') return [`${name} works in development only: production passes nothing on to other hosts.`];
    if (kind === 'covered' || !options.rewrite) return [];
    return [`${name} rewrites paths in development only: production passes them on as they are.`];
  });
}
