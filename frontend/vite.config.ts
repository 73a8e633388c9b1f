/** The dev server, the build, and the tests. */
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

// Domains of home networks; a leading dot includes subdomains. Vite always allows IP addresses and localhost.
const homeNetworks = ['.local', '.lan', '.home.arpa', '.internal'];
const otherHosts = (process.env.ALARM_HOSTS ?? '')
  .split(',')
  .map((host) => host.trim());

export default defineConfig({
  plugins: [react(), missingAssets(), precompress(), showBackendError(backendPort), restartOnLockFile(), publicUrl()],

  // Variables with this prefix reach the browser. Other tools set some with the default prefix, VITE_.
  envPrefix: 'ALARM_PANEL_',

  customLogger: proxy.logger,

  server: {
    host: true,
    port: 3000,
    strictPort: true,
    cors: false,
    allowedHosts: [...homeNetworks, ...otherHosts].filter((host) => host !== ''),
    // `hmr.clientPort` stays unset: the browser then uses the page's port, whichever 3000 is published as.
    proxy: proxy.routes,
    // For file systems without change events, such as a bind mount from another operating system.
    watch: { usePolling: process.env.ALARM_POLLING === 'true' },
  },

  build: {
    sourcemap: false,
    // Inlined files become data: URLs, which the content security policy refuses.
    assetsInlineLimit: 0,
  },

  test: {
    environment: 'jsdom',
    setupFiles: 'src/testing/setup.ts',
    restoreMocks: true,
    unstubGlobals: true,
    // Loading a page's code is slow on a busy machine.
    testTimeout: 30_000,
  },
});
