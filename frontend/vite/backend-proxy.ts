/** The dev server's proxy to the backend (`/api`, `/ws`) and the dev page. It answers 503 while one is down. */
import { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createLogger, type Logger, type ProxyOptions } from 'vite';
import { backendError } from './backend-error.ts';

const STARTING = 'The alarm is not answering. It may still be starting.';

/** The socket of docker/dev/dev-page. The types require a host and a port, which a socket does not have. */
const devPage = { socketPath: `${process.env.RUN_DIR ?? '/run/app'}/dev-page.sock`, host: 'localhost', port: 80 };

export function backendProxy(target: string): {
  routes: Record<string, ProxyOptions>;
  logger: Logger;
} {
  const logger = createLogger();
  const reported = new WeakSet<Error>();

  // Vite logs a stack trace for each failed request, and a panel retries. Errors that are handled here are logged
  // once, in one line.
  const logError = logger.error.bind(logger);
  logger.error = (message, options) => {
    if (!(options?.error && reported.has(options.error as Error))) logError(message, options);
  };

  const reportOnce = (name: string): ProxyOptions['configure'] => {
    let isDown = false;
    const answered = () => {
      if (isDown) logger.info(`${name} answers again`);
      isDown = false;
    };
    return (proxy) => {
      proxy.on('error', (error: NodeJS.ErrnoException, _request, response) => {
        reported.add(error);
        if (isOpened(response)) return;
        if (!isDown) logger.warn(`${name} does not answer (${error.code ?? error.message})`);
        isDown = true;
        answerUnavailable(response);
      });
      proxy.on('proxyRes', answered);
      proxy.on('open', answered);
      // A browser that leaves without closing its socket is not an error.
      proxy.on('proxyReqWs', (_proxyRequest, _request, socket) => socket.on('error', (error) => reported.add(error)));
    };
  };

  // No `changeOrigin`: the backend compares Origin with Host, so Host must arrive as the browser sent it.
  const configure = reportOnce(`backend ${target}`);
  const routes: Record<string, ProxyOptions> = {
    '^/api/': { target, configure },
    '^/ws/': { target, configure, ws: true },
    '^/__dev(/|$)': { target: devPage, configure: reportOnce('dev page') },
  };
  return { routes, logger };
}

/** True for an established WebSocket: its close reaches the browser, and the backend is not down. */
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
    // A part of the answer is sent: only a broken connection shows the browser the failure.
    response.destroy();
  } else {
    response.writeHead(503, { 'Content-Type': 'application/json' }).end(body);
  }
}
