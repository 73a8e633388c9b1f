/** The dev server's way to the backend (`/api`, `/ws`) and to the dev page, and a plain answer while one is away. */
import { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createLogger, type Logger, type ProxyOptions } from 'vite';
import { backendError } from './backend-error.ts';

const STARTING = 'The alarm is not answering. It may still be starting.';

/** docker/dev/dev-page listens there. The types require a host and a port, which a socket does not have. */
const devPage = { socketPath: `${process.env.RUN_DIR ?? '/run/app'}/dev-page.sock`, host: 'localhost', port: 80 };

export function backendProxy(target: string): {
  routes: Record<string, ProxyOptions>;
  logger: Logger;
} {
  const logger = createLogger();
  const reported = new WeakSet<Error>();

  // Vite logs a stack trace for each failed request, and a panel asks again and again.
  // Errors that are handled here are told once, in one line.
  const logError = logger.error.bind(logger);
  logger.error = (message, options) => {
    if (!(options?.error && reported.has(options.error as Error))) logError(message, options);
  };

  const toldOnce = (name: string): ProxyOptions['configure'] => {
    let away = false;
    const answered = () => {
      if (away) logger.info(`${name} answers again`);
      away = false;
    };
    return (proxy) => {
      proxy.on('error', (error: NodeJS.ErrnoException, _request, response) => {
        reported.add(error);
        if (isOpened(response)) return;
        if (!away) logger.warn(`${name} does not answer (${error.code ?? error.message})`);
        away = true;
        answerUnavailable(response);
      });
      proxy.on('proxyRes', answered);
      proxy.on('open', answered);
      // A browser that leaves without closing its socket is no error of the dev server's.
      proxy.on('proxyReqWs', (_proxyRequest, _request, socket) => {
        socket.on('error', (error) => reported.add(error));
      });
    };
  };

  // No `changeOrigin`: the backend compares Origin with Host, so Host must arrive as the browser sent it.
  const configure = toldOnce(`backend ${target}`);
  const routes: Record<string, ProxyOptions> = {
    '^/api/': { target, configure },
    '^/ws/': { target, configure, ws: true },
    '^/__dev(/|$)': { target: devPage, configure: toldOnce('dev page') },
  };
  return { routes, logger };
}

/** A WebSocket that was open and that the backend has closed: its end tells the browser, and nobody is away. */
function isOpened(response: ServerResponse | Socket): boolean {
  return !(response instanceof ServerResponse) && response.bytesWritten > 0;
}

function answerUnavailable(response: ServerResponse | Socket): void {
  const error = backendError();
  const detail = error ? `The backend does not start: ${error}` : STARTING;
  const body = JSON.stringify({ code: 'backend_unavailable', detail });
  if (!(response instanceof ServerResponse)) {
    const head = 'HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nConnection: close';
    response.end(`${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  } else if (response.headersSent) {
    // Half an answer has gone out already: only a broken connection tells the browser so.
    response.destroy();
  } else {
    response.writeHead(503, { 'Content-Type': 'application/json' }).end(body);
  }
}
