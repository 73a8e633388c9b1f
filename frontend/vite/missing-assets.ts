/** Answers 404 instead of the page for a missing file below /assets/, as production does. */
import type { Plugin } from 'vite';

export function missingAssets(): Plugin {
  return {
    name: 'missing-assets',
    configureServer(server) {
      // Runs after Vite's own handlers, so the file does not exist and the page would be the answer.
      return () => {
        server.middlewares.use((request, response, next) => {
          if (request.originalUrl?.startsWith('/assets/')) {
            response.writeHead(404, { 'Content-Type': 'text/plain' }).end('There is nothing at this address.\n');
          } else {
            next();
          }
        });
      };
    },
  };
}
