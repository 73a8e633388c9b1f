/** The build of docker/prod/frontend/ with configurations of apps that know nothing of the stack. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeApp } from './app.mjs';

const SCRIPT = fileURLToPath(new URL('../../docker/prod/frontend/build.js', import.meta.url));

/**
 * @param {import('node:test').TestContext} context
 * @param {Record<string, string>} files
 * @param {string} script
 */
function build(context, files, script = 'vite build') {
  const manifest = JSON.stringify({ private: true, type: 'module', scripts: { build: script } });
  const folder = makeApp(context, { 'package.json': manifest, ...files });
  const page = join(folder, 'page of the image');
  const done = spawnSync(process.execPath, [SCRIPT, page, 'npm', 'run', 'build'], { cwd: folder, encoding: 'utf8' });
  return { page, status: done.status, said: done.stdout + done.stderr };
}

/** @param {string} options */
const config = (options) => ({ 'vite.config.js': `export default ({ command }) => (${options})` });

void describe('build', () => {
  void test('the page is found where the configuration writes it, and is compressed', (context) => {
    const text = 'Text that becomes smaller. '.repeat(100);
    const files = { ...config("{ build: { outDir: 'build/web' } }"), 'public/notes.txt': text };
    const { page, status, said } = build(context, files);
    assert.equal(status, 0, said);
    for (const name of ['index.html', 'notes.txt', 'notes.txt.gz', 'notes.txt.br']) {
      assert.ok(existsSync(join(page, 'dist', name)), name);
    }
    assert.equal(readFileSync(join(page, 'proxied'), 'utf8'), '');
  });

  void test('the paths that development proxies to this machine are listed', (context) => {
    const keys = ["'/api': 'http://localhost:8000'", "'/graphql': { target: 'http://django:8000' }", "'/far': 'https://far.example'"];
    const proxy = `{ ${[...keys, "'/live/': { target: 'http://localhost:8000', ws: true }"].join(', ')} }`;
    const { page, status, said } = build(context, config(`command === 'serve' ? { server: { proxy: ${proxy} } } : {}`));
    assert.equal(status, 0, said);
    assert.equal(readFileSync(join(page, 'proxied'), 'utf8'), '/graphql\n/live/ ws\n');
    assert.match(said, /server\.proxy '\/far' works in development only/);
  });

  for (const { name, options, script, wanted } of [
    { name: 'a folder outside', options: "{ build: { outDir: '../static' } }", wanted: /writes into \.\.\/static, .*\nSet build\.outDir/ },
    { name: 'another base', options: "{ base: '/static/' }", wanted: /base of the Vite configuration is '\/static\/'.*\nSet base/ },
    { name: "a folder below Django's", options: "{ build: { assetsDir: 'api/page' } }", wanted: /assetsDir .* is 'api\/page'.*\nSet build\.assetsDir/ },
    { name: 'no page', options: '{}', script: 'vite build --outDir other', wanted: /wrote no index\.html into dist\/.*\nLet build/ },
    { name: 'too little memory', options: '{}', script: 'exit 137', wanted: /ran out of memory\.\nGive the engine more/ },
    { name: 'an error', options: '{}', script: 'exit 2', wanted: /The build of the page failed; .*\nCorrect that/ },
  ]) {
    void test(`${name} is two lines`, (context) => {
      const { page, status, said } = build(context, config(options), script);
      assert.equal(status, 1);
      assert.match(said, wanted);
      assert.doesNotMatch(said, /^ {4}at /m);
      assert.ok(!existsSync(join(page, 'dist')));
    });
  }
});
