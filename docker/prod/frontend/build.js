/**
 * build.js FOLDER COMMAND…: builds the page by the command, in the frontend's folder, and writes into FOLDER
 *
 * - `dist/`: what the build wrote, wherever that is, with a compressed copy of each file;
 * - `proxied`: the paths that `server.proxy` passes to this machine, one in a line, for Nginx; with ` ws` behind one
 *   for WebSockets, too.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { appNotes } from '../../dev/vite/app-notes.js';
import { appRules, backendPrefixes, isHere, takesSockets } from '../../dev/vite/app-proxy.js';
import { appVite } from '../../dev/vite/app-vite.js';
import { precompress } from './precompress.js';

/** What is wrong, and what to do. */
class Refusal extends Error {
  /**
   * @param {string} what
   * @param {string} remedy
   */
  constructor(what, remedy) {
    super(`${what}\n${remedy}`);
  }
}

const FRONTEND = process.cwd();
/** Prefixes of Django's files: the page's come before them. */
const FILES = ['/static', '/media'];

/** @param {typeof import('vite')} vite */
async function outputFolder(vite) {
  const config = await vite.resolveConfig({}, 'build', 'production');
  if (config.base !== '/') {
    throw new Refusal(`base of the Vite configuration is '${config.base}': only '/' is supported.`, "Set base: '/' for the build, or remove the line.");
  }
  const folder = resolve(config.root, config.build.outDir);
  const inside = relative(FRONTEND, folder);
  if (inside === '' || inside.startsWith('..')) {
    throw new Refusal(
      `The build writes into ${inside || 'frontend/ itself'}, which is not a folder inside of frontend/.`,
      "Set build.outDir: 'dist' in the Vite configuration: the stack serves the page itself.",
    );
  }
  const taken = backendPrefixes().find((prefix) => `/${config.build.assetsDir}/`.startsWith(`${prefix}/`));
  if (taken !== undefined && !FILES.includes(taken)) {
    throw new Refusal(
      `build.assetsDir of the Vite configuration is '${config.build.assetsDir}': Django has ${taken}/ in production.`,
      "Set build.assetsDir: 'assets', or remove the line.",
    );
  }
  return folder;
}

/**
 * The keys of `server.proxy` in the configuration for development. Its plugins do not run.
 *
 * @param {typeof import('vite')} vite
 */
async function proxiedPaths(vite) {
  const found = await vite.loadConfigFromFile({ command: 'serve', mode: 'development' });
  const { server = {} } = found?.config ?? {};
  const proxy = server.proxy ?? {};
  for (const note of appNotes(server, backendPrefixes())) console.log(note);
  const patterns = Object.keys(proxy).filter((context) => context.startsWith('^'));
  if (patterns.length > 0) console.log(`Patterns of server.proxy reach production only below its prefixes: ${patterns.join(' ')}`);
  return appRules(proxy, backendPrefixes())
    .filter(({ context, kind, options }) => kind === 'ours' && /^\/\S+$/.test(context) && isHere(options.target))
    .map((rule) => `${rule.context}${takesSockets(rule) ? ' ws' : ''}\n`)
    .join('');
}

/** @param {string[]} command */
async function build([program = '', ...words]) {
  const { scripts } = /** @type {{ scripts?: Record<string, string> }} */ (JSON.parse(await readFile('package.json', 'utf8')));
  if (!scripts?.build) throw new Refusal('frontend/package.json has no script `build`.', 'Add it: "build": "vite build"');
  const child = spawn(program, words, { stdio: ['ignore', 'inherit', 'pipe'] });
  const seen = { fullHeap: false };
  child.stderr.on('data', (/** @type {Buffer} */ chunk) => {
    process.stderr.write(chunk);
    seen.fullHeap ||= chunk.includes('heap out of memory');
  });
  const [status, signal] = /** @type {[number | null, string | null]} */ (await once(child, 'close'));
  if (seen.fullHeap || status === 137 || signal === 'SIGKILL') {
    throw new Refusal('The build of the page ran out of memory.', 'Give the engine more, or less to do: without source maps, NODE_OPTIONS=--max-old-space-size=4096 in the script `build`.');
  }
  if (status !== 0) {
    throw new Refusal('The build of the page failed; its lines above say why.', 'Correct that. In frontend/, `npm run build` does the same.');
  }
}

/** @param {string} path */
async function isFile(path) {
  return stat(path).then((found) => found.isFile(), () => false);
}

/**
 * @param {string} into
 * @param {string[]} command
 */
async function main(into, command) {
  const vite = await appVite(FRONTEND);
  const folder = await outputFolder(vite);
  const proxied = await proxiedPaths(vite);
  await build(command);
  if (!(await isFile(join(folder, 'index.html')))) {
    throw new Refusal(
      `The build wrote no index.html into ${relative(FRONTEND, folder)}/, which the Vite configuration names.`,
      'Let build.outDir name the folder, and the script `build` add no --outDir; a page without index.html is not supported.',
    );
  }
  await mkdir(into, { recursive: true });
  await cp(folder, join(into, 'dist'), { recursive: true, preserveTimestamps: true, dereference: true });
  await precompress(join(into, 'dist'));
  await writeFile(join(into, 'proxied'), proxied);
}

const [into = '', ...command] = process.argv.slice(2);
try {
  await main(into, command);
  process.exit(); // a plugin of the app may hold the process open
} catch (error) {
  console.error(error instanceof Refusal ? error.message : error);
  process.exit(1);
}
