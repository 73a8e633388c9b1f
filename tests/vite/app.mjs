/** A small Vite app in a folder of its own, with a backend that says what it was asked. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Another version of Vite than the frontend's: VITE_MODULES=FOLDER/node_modules node --test tests/vite */
const MODULES = process.env.VITE_MODULES ?? join(ROOT, 'frontend', 'node_modules');

/**
 * @typedef {import('node:test').TestContext} TestContext
 * @typedef {{ status: number, headers: import('node:http').IncomingHttpHeaders, body: string }} Answer
 */

/**
 * A folder with the files and a page; removed after the test.
 *
 * @param {TestContext} test
 * @param {Record<string, string>} files
 */
export function makeApp(test, files) {
  const folder = mkdtempSync(join(tmpdir(), 'vite app '));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  const page = '<!doctype html><title>the page</title><script type="module" src="/src/main.js"></script>';
  const all = { 'package.json': '{"private": true, "type": "module"}', 'index.html': page, 'src/main.js': '', ...files };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  symlinkSync(MODULES, join(folder, 'node_modules'));
  return folder;
}

/**
 * Answers each request with its address and headers, and accepts each WebSocket.
 *
 * @param {TestContext} test
 */
export async function startBackend(test) {
  const server = createServer((asked, answer) => {
    answer.end(JSON.stringify({ url: asked.url, host: asked.headers.host, origin: asked.headers.origin }));
  });
  server.on('upgrade', (asked, socket) => {
    socket.end(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Asked: ${String(asked.url)}\r\n\r\n`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => server.close());
  return portOf(server);
}

/** A port that nothing listens on. */
export async function freePort() {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

/** @param {import('node:net').Server} server */
function portOf(server) {
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
}

/**
 * Starts docker/dev/vite/dev-server.js and waits until it has printed its address.
 *
 * @param {TestContext} test
 * @param {string} folder
 * @param {Record<string, string | number>} variables
 */
export async function startDevServer(test, folder, variables) {
  const port = await freePort();
  const own = { REVERSE_PROXY_HOST: '127.0.0.1', REVERSE_PROXY_PORT: port, RUN_DIR: folder, NO_COLOR: 1, ...variables };
  const env = Object.fromEntries(Object.entries({ ...process.env, ...own }).map(([name, value]) => [name, String(value)]));
  const script = join(ROOT, 'docker/dev/vite/dev-server.js');
  const child = spawn(process.execPath, [script], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  test.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const running = { port, said: '', ended };
  /** @type {Promise<void>} */
  const ready = new Promise((done, fail) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (/** @type {Buffer} */ chunk) => {
        running.said += String(chunk);
        if (/Local:|open http/.test(running.said)) done();
      });
    }
    child.on('exit', () => fail(new Error(running.said)));
  });
  await ready;
  return running;
}

/**
 * @param {number} port
 * @param {string} path
 * @param {Record<string, string>} headers
 * @returns {Promise<Answer>}
 */
export function ask(port, path, headers = {}) {
  return new Promise((done, fail) => {
    const sent = request({ host: '127.0.0.1', port, path, headers, agent: false });
    sent.on('error', fail);
    sent.on('upgrade', (answer, socket) => {
      socket.destroy();
      done({ status: answer.statusCode ?? 0, headers: answer.headers, body: '' });
    });
    sent.on('response', (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (chunk) => (body += String(chunk)));
      answer.on('end', () => done({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
    });
    sent.end();
  });
}
