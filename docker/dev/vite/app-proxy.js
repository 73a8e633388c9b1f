/**
 * What becomes of the app's own `server.proxy`. It was written for the app's backend on a port of the developer's
 * machine, or in a container of its own; here the backend is the stack's.
 */

/**
 * @typedef {import('vite').ProxyOptions} ProxyOptions
 * @typedef {Record<string, string | ProxyOptions>} AppProxy
 * @typedef {{ context: string, kind: Kind, options: Partial<ProxyOptions> }} Rule
 * @typedef {'ours' | 'elsewhere' | 'covered' | 'everything'} Kind
 *   `ours`: goes to the stack's backend, with what is in `options`; `elsewhere`: stays as it is;
 *   `covered`: the stack's own routes do it; `everything`: would take the page's files, too.
 */

/** What Django serves where the environment does not say it. */
const PREFIXES = '/api/ /ws/ /admin/ /static/ /media/';

/** `BACKEND_PREFIXES`, without their last slashes. */
export function backendPrefixes() {
  const found = (process.env.BACKEND_PREFIXES ?? PREFIXES).split(/\s+/).map((prefix) => prefix.replace(/\/+$/, ''));
  return found.filter((prefix) => prefix.startsWith('/'));
}

/** Where Django's files are, besides which the page can have files of its own; without last slashes. */
export function filePrefixes() {
  return (process.env.FILE_PREFIXES ?? '/static/ /media/').split(/\s+/).map((prefix) => prefix.replace(/\/+$/, ''));
}

/** `SOCKET_PREFIXES`, the app's own ones, and the stack's for WebSockets, without their last slashes. */
export function socketPrefixes() {
  return ['/ws', ...(process.env.SOCKET_PREFIXES ?? '').split(/\s+/).map((prefix) => prefix.replace(/\/+$/, ''))];
}

/**
 * Whether a rule of the app's takes WebSockets.
 *
 * @param {Rule} rule
 */
export function takesSockets({ context, options }) {
  return options.ws ?? /^\^?\/ws\b/.test(context);
}

/**
 * @param {AppProxy} proxy
 * @param {string[]} prefixes
 * @returns {Rule[]}
 */
export function appRules(proxy, prefixes) {
  return Object.entries(proxy).map(([context, value]) => {
    const entry = typeof value === 'string' ? { target: value } : value;
    const options = { ...entry };
    const path = literalPath(context);
    const covering = prefixes.find((prefix) => `${path}/`.startsWith(`${prefix}/`));
    const here = isHere(entry.target);
    /** @type {Kind} */
    let kind = here ? 'ours' : 'elsewhere';
    if (context === '/') kind = 'everything';
    else if (covering !== undefined && (here || path === covering)) {
      kind = entry.rewrite ?? entry.ws ? 'ours' : 'covered';
      delete options.bypass; // production asks Django for each address below a prefix
    }
    return { context, kind, options };
  });
}

/**
 * The path that each match of a key begins with, without its last slash.
 *
 * @param {string} context a key of `server.proxy`: a path, or a regular expression that begins with ^
 */
function literalPath(context) {
  const pattern = context.startsWith('^');
  const path = pattern ? (/^[\w/-]*/.exec(context.slice(1).replaceAll('\\/', '/'))?.[0] ?? '') : context;
  return path.replace(/\/+$/, '');
}

/**
 * Whether a target is a host of this machine, or a name without a dot, as a compose service has.
 *
 * @param {unknown} target
 */
export function isHere(target) {
  const host = hostOf(target);
  if (host === undefined) return true;
  const bare = host.replace(/^\[|\]$/g, '');
  return !/[.:]/.test(bare) || /^(127\.[\d.]+|0\.0\.0\.0|::1?|host\.docker\.internal|.*\.localhost)$/.test(bare);
}

/**
 * @param {unknown} target
 * @returns {string | undefined}
 */
function hostOf(target) {
  if (typeof target === 'object' && target !== null) {
    const { hostname, host } = /** @type {{ hostname?: string, host?: string }} */ (target);
    return hostname ?? host;
  }
  if (typeof target !== 'string') return undefined;
  try {
    return new URL(target.includes('://') ? target : `http://${target}`).hostname;
  } catch {
    return undefined;
  }
}
