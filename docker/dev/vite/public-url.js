/** Prints the URL with the published port, which differs from the port in the container. */

/** @returns {import('vite').Plugin} */
export function publicUrl() {
  return {
    name: 'public-url',
    apply: 'serve',
    configureServer(server) {
      const port = process.env.PUBLISHED_PORT;
      if (!port) return;
      server.printUrls = () => server.config.logger.info(`open http://localhost:${port}`);
    },
  };
}
