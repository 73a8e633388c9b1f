/** Answers 404 instead of the page where a file is missing: the page's own routes have no extension. As production does. */

/** @returns {import('vite').Plugin} */
export function missingAssets() {
  return {
    name: 'missing-assets',
    configureServer(server) {
      // Runs after Vite's own handlers, so the file does not exist and the page would be the answer.
      return () => {
        server.middlewares.use((request, response, next) => {
          const path = (request.originalUrl ?? '').replace(/[?#].*/, '');
          if (/^\/assets\/|\/metrics$|\.[^/]*$/.test(path) && path !== '/index.html') {
            response.writeHead(404, { 'Content-Type': 'text/plain' }).end('There is nothing at this address.\n');
          } else {
            next();
          }
        });
      };
    },
  };
}
