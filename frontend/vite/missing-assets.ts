/** Answers 404 for a missing file below /assets/, as the production server does, instead of the page. */
import type { Plugin } from 'vite';

export function missingAssets(): Plugin {
  return {
    name: 'missing-assets',
    configureServer(server) {
      // Installed after Vite's own handlers: what arrives here exists nowhere and is about to become the page.
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
