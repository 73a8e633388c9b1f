/** The dev server of docker/dev/vite/ with configurations of apps that know nothing of the stack. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ask, freePort, makeApp, startBackend, startDevServer } from './app.mjs';

const PAGE = { Accept: 'text/html' };
const WEBSOCKET = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
};

/** As apps have it that run Vite and Django on ports of their own. */
const APP_CONFIG = `
export default {
  server: {
    host: 'localhost', port: 5173, strictPort: false, open: true, https: {}, origin: 'http://localhost:5173',
    hmr: { clientPort: 5173, port: 5174, host: 'elsewhere' },
    proxy: {
      '/api': { target: 'http://localhost:8000', changeOrigin: true, headers: { Origin: 'http://localhost:8000' } },
      '/ws': { target: 'ws://localhost:8000', ws: true },
      '/graphql': 'http://django:9000',
      '/sockets': { target: 'http://backend:8000', ws: true, changeOrigin: true },
      '/legacy': { target: 'http://web:8000', rewrite: (path) => path.replace('/legacy', '/v1') },
      '/other': { target: 'http://other.invalid', changeOrigin: true },
    },
  },
};
`;

/** @param {string} body */
const parsed = (body) => /** @type {{ url: string, host: string, origin?: string }} */ (JSON.parse(body));

void describe('dev server', { concurrency: 2 }, () => {
  void test("the backend's paths reach it as the browser sent them, whatever the app's proxy says", async (context) => {
    const app = makeApp(context, { 'vite.config.js': APP_CONFIG });
    const { port, said } = await startDevServer(context, app, { BACKEND_PORT: await startBackend(context) });
    const origin = `http://127.0.0.1:${port}`;
    const wanted = { '/api/x?y=1': '/api/x?y=1', '/admin': '/admin', '/admin/': '/admin/', '/static/a.css': '/static/a.css' };
    for (const [path, url] of Object.entries({ ...wanted, '/graphql': '/graphql', '/legacy/a': '/v1/a' })) {
      const { body } = await ask(port, path, { Origin: origin });
      assert.deepEqual(parsed(body), { url, host: `127.0.0.1:${port}`, origin });
    }
    assert.match((await ask(port, '/administrators', PAGE)).body, /the page/);
    for (const path of ['/ws/a/', '/sockets/b']) {
      const { status, headers } = await ask(port, path, WEBSOCKET);
      assert.deepEqual([status, headers['x-asked']], [101, path]);
    }
    assert.ok([500, 502].includes((await ask(port, '/other')).status), 'another host stays another host');
    assert.match(said, /server\.proxy '\/legacy' rewrites paths in development only/);
    assert.doesNotMatch((await ask(port, '/@vite/client')).body, /5173|5174|elsewhere/);
  });

  void test("a rewrite of the app's /api is kept and said", async (context) => {
    const proxy = `{ '/api': { target: 'http://localhost:8000', rewrite: (path) => path.replace(/^\\/api/, '') } }`;
    const app = makeApp(context, { 'vite.config.js': `export default { server: { proxy: ${proxy} } }` });
    const { port, said } = await startDevServer(context, app, { BACKEND_PORT: await startBackend(context) });
    assert.equal(parsed((await ask(port, '/api/items/')).body).url, '/items/');
    assert.match(said, /server\.proxy '\/api' rewrites paths in development only/);
  });

  void test("a module below a prefix is Vite's", async (context) => {
    const files = { 'vite.config.js': "export default { root: 'src' }", 'src/api/client.js': 'export const mine = 1;' };
    const app = makeApp(context, { ...files, 'src/index.html': '<title>the page</title>' });
    const { port } = await startDevServer(context, app, { BACKEND_PORT: await startBackend(context) });
    assert.match((await ask(port, '/api/client.js')).body, /mine/);
    assert.equal(parsed((await ask(port, '/api/client/')).body).url, '/api/client/');
  });

  void test("the page's file comes before Django's at the address of Django's files", async (context) => {
    const app = makeApp(context, { 'public/files/mine.txt': 'mine', 'public/api/mine.txt': 'mine' });
    const variables = { BACKEND_PORT: await startBackend(context), BACKEND_PREFIXES: '/api/ /files/', FILE_PREFIXES: '/files/' };
    const { port } = await startDevServer(context, app, variables);
    assert.equal((await ask(port, '/files/mine.txt')).body, 'mine');
    for (const path of ['/files/admin.css', '/api/mine.txt']) assert.equal(parsed((await ask(port, path)).body).url, path);
  });

  void test('BACKEND_PREFIXES replaces the list', async (context) => {
    const variables = { BACKEND_PORT: await startBackend(context), BACKEND_PREFIXES: '/api/ /accounts/ /live', SOCKET_PREFIXES: '/live' };
    const { port } = await startDevServer(context, makeApp(context, {}), variables);
    assert.equal(parsed((await ask(port, '/accounts/login/')).body).url, '/accounts/login/');
    assert.match((await ask(port, '/admin/', PAGE)).body, /the page/);
    assert.equal((await ask(port, '/live/1', WEBSOCKET)).headers['x-asked'], '/live/1');
    assert.match((await ask(port, '/livelihood', PAGE)).body, /the page/);
  });

  void test('without a backend there is a plain answer and one line', async (context) => {
    const running = await startDevServer(context, makeApp(context, {}), { BACKEND_PORT: await freePort() });
    for (const path of ['/api/a', '/api/b', '/admin/']) {
      const { status, body } = await ask(running.port, path);
      assert.deepEqual([status, body.includes('backend_unavailable')], [503, true]);
    }
    assert.equal((await ask(running.port, '/ws/', WEBSOCKET)).status, 503);
    assert.equal(running.said.match(/does not answer/g)?.length, 1);
    assert.doesNotMatch(running.said, /proxy error/);
  });

  void test('a missing asset is not the page', async (context) => {
    const { port } = await startDevServer(context, makeApp(context, {}), {});
    assert.equal((await ask(port, '/assets/old.js', PAGE)).status, 404);
    assert.equal((await ask(port, '/people/1', PAGE)).status, 200);
  });

  void test('the address is the published one', async (context) => {
    const { said } = await startDevServer(context, makeApp(context, {}), { PUBLISHED_PORT: 5427 });
    assert.match(said, /VITE v\d/);
    assert.match(said, /open http:\/\/localhost:5427/);
  });

  void test('it ends where a lock file is saved, for supervisord to start it again', async (context) => {
    const app = makeApp(context, { 'pnpm-lock.yaml': 'a' });
    const running = await startDevServer(context, app, { SUPERVISOR_ENABLED: 1 });
    // The first save can come before the watcher watches.
    const saving = setInterval(() => writeFileSync(join(app, 'pnpm-lock.yaml'), String(Math.random())), 300);
    assert.deepEqual(await running.ended, [0, null]);
    clearInterval(saving);
    assert.match(running.said, /pnpm-lock\.yaml saved: starting again/);
  });

  void test('a broken configuration is an error with its place', async (context) => {
    const app = makeApp(context, { 'vite.config.js': 'export default {' });
    await assert.rejects(startDevServer(context, app, {}), /Vite does not start: [^]*vite\.config\.js/);
  });
});
