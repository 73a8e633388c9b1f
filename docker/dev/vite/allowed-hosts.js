/**
 * Refuses names that an attacker's DNS could lead here (DNS rebinding), by the rules of the alarm's backend/core/hosts.py.
 * Vite's own check refuses names without a dot, and tells to edit this repository.
 */
import { isIP } from 'node:net';

const HOME_NAMES = ['localhost', '.localhost', '.local', '.lan', '.home.arpa', '.internal'];

/** @returns {import('vite').Plugin} */
export function allowedHosts(setting = `${process.env.ALARM_HOSTS ?? ''} ${process.env.APP_HOSTS ?? ''}`) {
  const names = [...HOME_NAMES, ...namesIn(setting)];
  return {
    name: 'allowed-hosts',
    apply: 'serve',
    config({ server }) {
      if (Array.isArray(server?.allowedHosts)) names.push(...server.allowedHosts);
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const host = hostOf(request.headers.host ?? '');
        const appAnswers = process.env.CHECKS_HOSTS === 'true' && request.url?.startsWith('/api/');
        if (isAllowed(host, names) || appAnswers) {
          next();
        } else {
          const words = `The host name ${host} is not accepted. Add it to .env, ALARM_HOSTS=${host}, and start the stack again.\n`;
          response.writeHead(403, { 'Content-Type': 'text/plain; charset=utf-8' }).end(words);
        }
      });
    },
  };
}

/**
 * The name in a Host header, without its port and its final dot.
 *
 * @param {string} header
 */
function hostOf(header) {
  const host = header.toLowerCase().replace(/:\d*$/, '');
  return host.replace(/\.$/, '');
}

/**
 * @param {string} host
 * @param {string[]} names
 */
function isAllowed(host, names) {
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0 || /^[a-z][a-z0-9-]*$/.test(host)) return true;
  return names.some((name) => (name.startsWith('.') ? host.endsWith(name) && host !== name : host === name));
}

/**
 * The names in ALARM_HOSTS: separated by commas or spaces, perhaps with a scheme and a port.
 *
 * @param {string} setting
 */
function namesIn(setting) {
  const parts = setting.toLowerCase().split(/[\s,]+/);
  const names = parts.map((part) => hostOf(part.replace(/^[a-z]+:\/\/|[/?#].*$/g, '')).replace(/^\*/, ''));
  return names.filter((name) => name !== '');
}
