/** Shows a Python error at the backend's start in Vite's error overlay. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

/** One line, then the traceback; written and removed by docker/dev/bin/warm_python.py. */
const FILE = join(process.env.RUN_DIR ?? '/run/app', 'daphne.error');
const AGAIN_MS = 100;

/** The error of the backend's last start, in one line with its place. */
export function backendError() {
  return read()?.message;
}

/** @returns {{ message: string, stack: string } | undefined} */
function read() {
  try {
    const [message = '', ...stack] = readFileSync(FILE, 'utf8').split('\n');
    return message === '' ? undefined : { message, stack: stack.join('\n') };
  } catch {
    return undefined;
  }
}

/**
 * @param {number} port
 * @returns {import('vite').Plugin}
 */
export function showBackendError(port) {
  return {
    name: 'show-backend-error',
    apply: 'serve',
    configureServer(server) {
      const show = () => {
        const error = read();
        // Without a client, Vite would show the error to the next one, when it may be fixed already.
        if (error && server.ws.clients.size > 0) server.ws.send({ type: 'error', err: { ...error, plugin: 'backend' } });
      };
      server.watcher.add(FILE);
      for (const event of /** @type {const} */ (['add', 'change'])) {
        server.watcher.on(event, (path) => {
          if (path === FILE) show();
        });
      }
      server.watcher.on('unlink', (path) => {
        if (path === FILE) hideWhenAnswering(server, port);
      });
      // For a page that is opened while the backend is down.
      server.ws.on('connection', show);
    },
  };
}

/**
 * A retried start removes the file too, so the overlay stays until the backend listens.
 *
 * @param {import('vite').ViteDevServer} server
 * @param {number} port
 */
function hideWhenAnswering(server, port) {
  const socket = connect(port, '127.0.0.1');
  socket.once('connect', () => {
    socket.destroy();
    // On any update, Vite's client removes the overlay.
    server.ws.send({ type: 'update', updates: [] });
  });
  socket.once('error', () => {
    if (read()) return;
    setTimeout(() => hideWhenAnswering(server, port), AGAIN_MS).unref();
  });
}
