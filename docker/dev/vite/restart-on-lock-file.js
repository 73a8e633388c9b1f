/** Exits when a lock file changes: supervisord's command installs the packages and starts Vite again. */
import { basename, resolve } from 'node:path';

const LOCK_FILES = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock'].map((name) => resolve(name));

/** @returns {import('vite').Plugin} */
export function restartOnLockFile() {
  return {
    name: 'restart-on-lock-file',
    apply: 'serve',
    configureServer(server) {
      if (!process.env.SUPERVISOR_ENABLED) return;
      server.watcher.add(LOCK_FILES);
      for (const event of /** @type {const} */ (['add', 'change'])) {
        server.watcher.on(event, (path) => {
          if (!LOCK_FILES.includes(resolve(path))) return;
          server.config.logger.info(`${basename(path)} saved: starting again`);
          // Not server.close(): a bundler that still writes would log an error about its removed folder.
          process.exit();
        });
      }
    },
  };
}
