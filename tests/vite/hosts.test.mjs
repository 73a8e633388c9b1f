/** Which names the dev server answers to. Vite checks them since 5.4.12 and 6.0.9. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, makeApp, startDevServer } from './app.mjs';

void test("names of home networks, ALARM_HOSTS and the app's own names are answered, others are not", async (context) => {
  const config = "export default { server: { allowedHosts: ['app.example'] } }";
  const app = makeApp(context, { 'vite.config.js': config });
  const { port } = await startDevServer(context, app, {
    ALARM_HOSTS: 'panel.example, .test.example',
    APP_HOSTS: 'django.example .own.example',
  });
  for (const host of ['django.example', 'a.own.example', 'panel.lan', 'panel.example', 'a.test.example', 'app.example', '192.168.1.2', 'localhost']) {
    assert.equal((await ask(port, '/', { Accept: 'text/html', Host: host })).status, 200, host);
  }
  assert.equal((await ask(port, '/', { Accept: 'text/html', Host: 'elsewhere.example' })).status, 403);
});

void test('allowedHosts: true is not used, and that is said', async (context) => {
  const app = makeApp(context, { 'vite.config.js': 'export default { server: { allowedHosts: true } }' });
  const { port, said } = await startDevServer(context, app, {});
  assert.equal((await ask(port, '/', { Accept: 'text/html', Host: 'elsewhere.example' })).status, 403);
  assert.match(said, /ALARM_HOSTS in \.env/);
});
