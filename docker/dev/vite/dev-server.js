/**
 * Starts the frontend's own Vite, in the frontend's folder, as the reverse proxy of the backend.
 *
 * Environment: REVERSE_PROXY_HOST, REVERSE_PROXY_PORT, BACKEND_PORT, BACKEND_PREFIXES, PUBLISHED_PORT, RUN_DIR,
 * ALARM_HOSTS, ALARM_POLLING.
 */
import { allowedHosts } from './allowed-hosts.js';
import { appVite } from './app-vite.js';
import { showBackendError } from './backend-error.js';
import { missingAssets } from './missing-assets.js';
import { publicUrl } from './public-url.js';
import { restartOnLockFile } from './restart-on-lock-file.js';
import { stackServer } from './stack-server.js';

const started = performance.now();
const backendPort = Number(process.env.BACKEND_PORT ?? 8000);

try {
  const vite = await appVite(process.cwd());
  const plugins = [
    ...[allowedHosts(), stackServer(vite, { backendPort }), missingAssets()],
    ...[showBackendError(backendPort), restartOnLockFile(), publicUrl()],
  ];
  const server = await vite.createServer({ plugins });
  await server.listen();
  server.config.logger.info(`VITE v${vite.version} ready in ${Math.ceil(performance.now() - started)} ms`);
  server.printUrls();
} catch (error) {
  console.error(`Vite does not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exit(1);
}
