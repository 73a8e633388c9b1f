/** Prints the address that a browser opens, where the port inside of the container is another one. */
import type { Plugin } from 'vite';

export function publicUrl(): Plugin {
  return {
    name: 'public-url',
    apply: 'serve',
    configureServer(server) {
      const port = process.env.PUBLISHED_PORT;
      if (!port) return;
      server.printUrls = () => {
        server.config.logger.info(`open http://localhost:${port}`);
      };
    },
  };
}
