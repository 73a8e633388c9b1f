/** How the panel is served while it is being written, how it is built, and how it is tested. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { showBackendError } from './vite/backend-error.ts';
import { backendProxy } from './vite/backend-proxy.ts';
import { missingAssets } from './vite/missing-assets.ts';
import { restartOnLockFile } from './vite/restart-on-lock-file.ts';
import { publicUrl } from './vite/public-url.ts';
import { precompress } from './vite/precompress.ts';

const backendPort = Number(process.env.BACKEND_PORT ?? 8000);
const proxy = backendProxy(`http://127.0.0.1:${backendPort}`);

// The names a home network gives its machines; a leading dot takes every name below it.
// Addresses and localhost need no entry: Vite always allows them.
const homeNetworks = ['.local', '.lan', '.home.arpa', '.internal'];
const furtherHosts = (process.env.ALARM_HOSTS ?? '')
  .split(',')
  .map((host) => host.trim());

export default defineConfig({
  plugins: [react(), missingAssets(), precompress(), showBackendError(backendPort), restartOnLockFile(), publicUrl()],

  // Vite shows the browser every variable that starts with this. The default, VITE_, is what tools set for themselves.
  envPrefix: 'ALARM_PANEL_',

  customLogger: proxy.logger,

  server: {
    host: true,
    port: 3000,
    strictPort: true,
    cors: false,
    allowedHosts: [...homeNetworks, ...furtherHosts].filter((host) => host !== ''),
    // `hmr.clientPort` stays unset: the browser then uses the page's own port, whichever one 3000 is mapped to.
    proxy: proxy.routes,
    // For file systems that report no changes, such as a bind mount from another operating system.
    watch: { usePolling: process.env.ALARM_POLLING === 'true' },
  },

  build: {
    sourcemap: false,
    // Inlined files become data: URLs, which the page's content security policy refuses.
    assetsInlineLimit: 0,
  },

  test: {
    environment: 'jsdom',
    setupFiles: 'src/testing/setup.ts',
    restoreMocks: true,
    unstubGlobals: true,
    // Loading a page's code takes its time on a machine with other work to do.
    testTimeout: 30_000,
  },
});
