/** What a target of `server.proxy` is taken for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appRules, isHere } from '../../docker/dev/vite/app-proxy.js';

void test('a host of this machine and a name without a dot are here', () => {
  const here = ['http://localhost:8000', 'http://127.0.0.1:8000/', 'http://0.0.0.0:8000', 'ws://[::1]:8000', 'backend:8000'];
  here.push('http://host.docker.internal:8000', 'http://django', 'http://api.localhost:8000');
  for (const target of [...here, new URL('http://web:8000'), { host: 'localhost', port: 8000 }, undefined]) {
    assert.ok(isHere(target));
  }
  for (const target of ['https://api.example.com', 'http://192.168.1.5:8000', new URL('https://shop.example')]) {
    assert.ok(!isHere(target));
  }
});

void test("a key is the stack's own where a prefix covers it", () => {
  const here = 'http://localhost:8000';
  /** @param {Record<string, string | import('vite').ProxyOptions>} proxy */
  const kinds = (proxy) => appRules(proxy, ['/api', '/ws']).map(({ kind }) => kind);
  assert.deepEqual(kinds({ '/api': here, '/api/': here, '^/api': here, '^/api/.*': here, '/api/v1': here }), Array(5).fill('covered'));
  assert.deepEqual(kinds({ '^\\/api\\/': here, '/apiary': here, '/': here, '^/(api|x)': here }), ['covered', 'ours', 'everything', 'ours']);
  assert.deepEqual(kinds({ '/api': 'https://far.example', '/api/weather': 'https://far.example' }), ['covered', 'elsewhere']);
});
