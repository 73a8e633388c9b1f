/** Replaces what an app's configuration says of ports, hosts and the backend by what the stack needs. */
import { resolve } from 'node:path';
import { backendPrefixes } from './app-proxy.js';
import { backendRoutes, withoutReported } from './backend-proxy.js';
import { appNotes } from './app-notes.js';

/**
 * @param {typeof import('vite')} vite
 * @param {{ backendPort: number }} options
 * @returns {import('vite').Plugin}
 */
export function stackServer(vite, { backendPort }) {
  const prefixes = backendPrefixes();
  /** @type {string[]} */
  let notes = [];
  return {
    name: 'stack-server',
    apply: 'serve',
    // The last plugin that changes the configuration.
    enforce: 'post',
    config: {
      order: 'post',
      handler(config) {
        const { logLevel, customLogger, server: app = {}, root = process.cwd(), publicDir = 'public' } = config;
        const logger = withoutReported(customLogger ?? vite.createLogger(logLevel));
        config.customLogger = logger;
        config.clearScreen = false;
        notes = appNotes(app, prefixes);
        const target = `http://127.0.0.1:${backendPort}`;
        // Assigned, not returned: Vite would merge what is returned with the app's.
        config.server = {
          ...app,
          ...address(),
          // allowed-hosts.js decides. Vite's WebSocket has a token, which only the page gives.
          allowedHosts: true,
          // Vite would add its headers to the backend's answers, too, which production does not.
          cors: false,
          // Without `clientPort` the browser uses the page's port, whichever this one is published as.
          hmr: app.hmr && typeof app.hmr === 'object' ? overlayOf(app.hmr) : app.hmr,
          proxy: backendRoutes(app.proxy ?? {}, { target, prefixes, root, publicDir: resolve(root, publicDir || '.'), logger }),
          // For file systems without change events, such as a bind mount from another operating system.
          watch: { ...app.watch, usePolling: process.env.ALARM_POLLING === 'true' },
        };
        // The app's own port, also for hot updates (`ws`, since Vite 8).
        delete config.server.origin;
        if (config.server.ws !== false) delete config.server.ws;
      },
    },
    configureServer(server) {
      for (const note of notes) server.config.logger.warn(note);
    },
  };
}

function address() {
  return {
    host: process.env.REVERSE_PROXY_HOST ?? '0.0.0.0',
    port: Number(process.env.REVERSE_PROXY_PORT ?? 3000),
    strictPort: true,
    open: false,
    // Not undefined, which a plugin that brings a certificate takes for its turn. Vite 5 and newer have no type for it.
    https: /** @type {undefined} */ (/** @type {unknown} */ (false)),
  };
}

/** @param {import('vite').HmrOptions} options */
function overlayOf({ overlay }) {
  return overlay === undefined ? true : { overlay };
}
