/** Shows in the browser why the backend does not start: a Python error appears as Vite's own errors do. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Plugin, ViteDevServer } from 'vite';

/** One line, then the traceback; written and removed by docker/bin/warm_python.py. */
const FILE = join(process.env.RUN_DIR ?? '/run/app', 'daphne.error');
const AGAIN_MS = 100;

/** The error that ended the backend's last start, in one line with its place. */
export function backendError(): string | undefined {
  return read()?.message;
}

function read(): { message: string; stack: string } | undefined {
  try {
    const [message = '', ...stack] = readFileSync(FILE, 'utf8').split('\n');
    return message === '' ? undefined : { message, stack: stack.join('\n') };
  } catch {
    return undefined; // there is none
  }
}

export function showBackendError(port: number): Plugin {
  return {
    name: 'show-backend-error',
    apply: 'serve',
    configureServer(server) {
      const show = () => {
        const error = read();
        // With nobody there, Vite would keep it for the next page, which may come when it is mended.
        if (error && server.ws.clients.size > 0) server.ws.send({ type: 'error', err: { ...error, plugin: 'backend' } });
      };
      server.watcher.add(FILE);
      for (const event of ['add', 'change'] as const) {
        server.watcher.on(event, (path) => {
          if (path === FILE) show();
        });
      }
      server.watcher.on('unlink', (path) => {
        if (path === FILE) hideWhenAnswering(server, port);
      });
      // A page that is opened while the backend is away.
      server.ws.on('connection', show);
    },
  };
}

/** A start that is tried again removes the file as well: only one that listens has succeeded. */
function hideWhenAnswering(server: ViteDevServer, port: number): void {
  const socket = connect(port, '127.0.0.1');
  socket.once('connect', () => {
    socket.destroy();
    // An update of nothing: Vite's client takes its error away.
    server.ws.send({ type: 'update', updates: [] });
  });
  socket.once('error', () => {
    if (read()) return;
    setTimeout(() => {
      hideWhenAnswering(server, port);
    }, AGAIN_MS).unref();
  });
}
