import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// The dev server's port, hosts and way to the backend are the stack's: docker/dev/vite/.
export default defineConfig({
  plugins: [react()],

  // Variables with this prefix reach the browser. Other tools set some with the default prefix, VITE_.
  envPrefix: 'ALARM_PANEL_',

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
