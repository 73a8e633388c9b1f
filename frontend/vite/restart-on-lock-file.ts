/** Exits when the lock file changes: supervisord's command installs the packages and starts Vite again. */
import { resolve } from 'node:path';
import type { Plugin } from 'vite';

export function restartOnLockFile(): Plugin {
  return {
    name: 'restart-on-lock-file',
    apply: 'serve',
    configureServer(server) {
      if (!process.env.SUPERVISOR_ENABLED) return;
      const lockFile = resolve(server.config.root, 'package-lock.json');
      server.watcher.add(lockFile);
      server.watcher.on('change', (path) => {
        if (resolve(path) !== lockFile) return;
        server.config.logger.info('package-lock.json saved: starting again');
        void server.close().finally(() => process.exit());
      });
    },
  };
}
