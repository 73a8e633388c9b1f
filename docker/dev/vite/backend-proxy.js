/** The dev server's way to the backend and to the dev page, with a plain answer while one does not run. */
import { statSync } from 'node:fs';
import { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { appRules, filePrefixes, socketPrefixes, takesSockets } from './app-proxy.js';
import { backendError } from './backend-error.js';

/**
 * @typedef {import('vite').ProxyOptions} ProxyOptions
 * @typedef {import('node:net').Socket} Socket
 */

const LARGEST_COOKIES = 8192;
const STARTING = 'The backend is not answering. It may still be starting.';

/** docker/dev/dev-page listens there. The types require a host and a port, which a socket does not have. */
const devPage = { socketPath: `${process.env.RUN_DIR ?? '/run/app'}/dev-page.sock`, host: 'localhost', port: 80 };

/** Errors that were answered and logged here. @type {WeakSet<Error>} */
const reported = new WeakSet();

/**
 * The app's own routes first, because they are the more specific ones, then the stack's.
 *
 * @param {import('./app-proxy.js').AppProxy} appProxy
 * @param {{ target: string, prefixes: string[], root: string, publicDir: string, logger: import('vite').Logger }} options
 * @returns {Record<string, string | ProxyOptions>}
 */
export function backendRoutes(appProxy, { target, prefixes, root, publicDir, logger }) {
  const configure = answerAndLogOnce(`backend ${target}`, logger);
  /**
   * No `changeOrigin`: Django compares Origin with Host, so Host must arrive as the browser sent it.
   *
   * @param {Partial<ProxyOptions>} more
   * @returns {ProxyOptions}
   */
  const ours = (more) => ({ bypass: (request) => ownFile([root], request.url), ...more, target, configure });

  /** @type {Record<string, string | ProxyOptions>} */
  const routes = {};
  for (const rule of appRules(appProxy, prefixes)) {
    const { context, kind, options } = rule;
    if (kind === 'elsewhere') routes[context] = /** @type {string | ProxyOptions} */ (appProxy[context]);
    if (kind === 'ours') {
      const { rewrite, bypass } = options;
      routes[context] = ours({ ws: takesSockets(rule), ...(rewrite && { rewrite }), ...(bypass && { bypass }) });
    }
  }
  const sockets = socketPrefixes();
  const files = filePrefixes();
  for (const prefix of prefixes) {
    const pattern = prefix.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    routes[`^${pattern}(/|\\?|$)`] = ours({
      ws: sockets.includes(prefix),
      ...(files.includes(prefix) && { bypass: (request) => ownFile([root, publicDir], request.url) }),
    });
  }
  return { ...routes, '^/__dev(/|$)': { target: devPage, configure: answerAndLogOnce('dev page', logger) } };
}

/**
 * A logger without the stack trace that Vite writes for each failed request: a page repeats its requests.
 *
 * @param {import('vite').Logger} logger
 */
export function withoutReported(logger) {
  const logError = logger.error.bind(logger);
  logger.error = (message, options) => {
    if (!(options?.error && reported.has(/** @type {Error} */ (options.error)))) logError(message, options);
  };
  return logger;
}

/**
 * @param {string} name
 * @param {import('vite').Logger} logger
 * @returns {ProxyOptions['configure']}
 */
function answerAndLogOnce(name, logger) {
  let away = false;
  const answered = () => {
    if (away) logger.info(`${name} answers again`);
    away = false;
  };
  return (proxy) => {
    proxy.on('error', (/** @type {NodeJS.ErrnoException} */ error, _request, response) => {
      reported.add(error);
      if (isOpened(response)) return;
      if (!away) logger.warn(`${name} does not answer (${error.code ?? error.message})`);
      away = true;
      answerUnavailable(response);
    });
    const limitCookies = (/** @type {import('node:http').ClientRequest} */ request) => {
      const cookies = request.getHeader('cookie');
      if (typeof cookies === 'string') request.setHeader('cookie', cookiesForBackend(cookies));
    };
    proxy.on('proxyReq', limitCookies);
    proxy.on('proxyReqWs', limitCookies);
    proxy.on('proxyRes', answered);
    proxy.on('open', answered);
    // A browser that disconnects without closing its socket is not an error.
    proxy.on('proxyReqWs', (_proxyRequest, _request, socket) => {
      socket.on('error', (error) => reported.add(error));
    });
  };
}

/**
 * A module below a prefix, such as /api/client.ts where `root` is src/, is Vite's: in production it is in the bundle.
 * Of public/ only a file at the address of Django's files is found here; else the backend wins. As in production.
 *
 * @param {string[]} folders
 * @param {string | undefined} url
 */
function ownFile(folders, url = '/') {
  try {
    const path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
    return folders.some((folder) => statSync(join(folder, path), { throwIfNoEntry: false })?.isFile()) ? url : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Daphne's development server refuses 16 KiB of headers; the cookies of other applications on the host may have more.
 *
 * @param {string} cookies
 */
export function cookiesForBackend(cookies) {
  if (cookies.length < LARGEST_COOKIES) return cookies;
  const own = `${process.env.PROJECT_NAME ?? 'alarm'}-`;
  const isOwn = (/** @type {string} */ cookie) => cookie.trim().replace('__Host-', '').startsWith(own);
  return cookies.split(';').filter(isOwn).join(';');
}

/**
 * An open WebSocket that the backend has closed: the backend runs, and the browser gets the end.
 *
 * @param {ServerResponse | Socket} response
 */
function isOpened(response) {
  return !(response instanceof ServerResponse) && response.bytesWritten > 0;
}

/** @param {ServerResponse | Socket} response */
function answerUnavailable(response) {
  const error = backendError();
  const detail = error ? `The backend does not start: ${error}` : STARTING;
  const body = JSON.stringify({ code: 'backend_unavailable', detail });
  if (!(response instanceof ServerResponse)) {
    const head = 'HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nConnection: close';
    response.end(`${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  } else if (response.headersSent) {
    // A part of the answer is sent already: only a broken connection shows the browser the failure.
    response.destroy();
  } else {
    response.writeHead(503, { 'Content-Type': 'application/json' }).end(body);
  }
}
