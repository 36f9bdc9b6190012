import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startApp, type TestApp } from './helpers/app.ts';
import { exchange, type RawRequest, toRequestText } from './helpers/raw-exchange.ts';

const timeout = 90_000;
const taskUrl = new URL('./fixtures/tasks/obliging.mjs', import.meta.url).href;

const json = 'Content-Type: application/json';
const get = (path: string, ...headers: string[]): RawRequest => ({ path, headers });
const post = (path: string, body: string, ...headers: string[]): RawRequest => ({
  method: 'POST',
  path,
  body,
  headers: [json, ...headers],
});
const chunked = (...chunks: string[]) =>
  [...chunks, ''].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');

/** Requests that are odd in some way: for the app as it is, and for one with a task that echoes its input. */
const requests: readonly (RawRequest | string)[] = [
  get('/health'),
  get('/health?x=%'),
  get('/openapi.json'),
  get('/users?limit=1'),
  get('/users?limit=1&limit=2'),
  get('/users?after=%00'),
  get('http://other.example/users'),
  get('//users'),
  get('/users/'),
  get('/USERS'),
  get('/compute'),
  get('/compute/'),
  get('/compute?'),
  get('/compute?n=0'),
  get('/compute?n=1000'),
  get('/compute?n=1000&n=1000'),
  get('/compute?n[]=1000'),
  get('/compute?n=%31'),
  get('/compute?n=+1'),
  get('/compute?n=1e3&other=1'),
  get('/compute?__proto__=1&constructor=2&hasOwnProperty=3'),
  get('/compute?text=%F0%9F%98%80&broken=%ff&half=%'),
  get('/compute?=nameless&&=&a'),
  get(`/compute?${'a=1&'.repeat(2000)}`),
  get(`/compute?text=${'x'.repeat(10_000)}`),
  get('/compute?do=throws'),
  get('/compute?do=throws+text'),
  get('/compute?do=throws+what+has+no+text'),
  get('/compute?do=rejects+its+input'),
  get('/compute?do=returns+nothing'),
  get('/compute?do=returns+a+cycle'),
  get('/compute?do=returns+a+BigInt'),
  get('/compute?do=no+such+deed'),
  get('/compute?do=returns+text', 'Accept-Encoding: gzip', 'If-None-Match: *'),
  get('/compute?n=1000', 'Range: bytes=0-1'),
  get('/compute?n=1000', 'Expect: 100-continue'),
  get('/compute?n=1000', 'Expect: tea'),
  get('/compute?n=1000', 'Upgrade: h2c', 'Connection: upgrade'),
  { path: '/compute?n=1000', version: '1.0' },
  { method: 'HEAD', path: '/compute?n=1000' },
  { method: 'HEAD', path: '/compute?n=0' },
  { method: 'HEAD', path: '/nope' },
  { method: 'OPTIONS', path: '/compute' },
  { method: 'OPTIONS', path: '*' },
  { method: 'DELETE', path: '/compute' },
  { method: 'TRACE', path: '/compute' },
  { method: 'PROPFIND', path: '/compute' },
  { method: 'GET', path: '/compute?n=1000', body: 'a body that nobody reads' },
  post('/compute', '{"n":1000}'),
  post('/compute', ''),
  { method: 'POST', path: '/compute', headers: ['Content-Length: 0'] },
  { method: 'POST', path: '/users', headers: ['Content-Length: 0'] },
  post('/compute', '[]'),
  post('/compute', 'null'),
  post('/compute', '"text"'),
  post('/compute', '{"a":1'),
  post('/compute', '{"a":1,"a":2}'),
  post('/compute', '{"__proto__":{"x":1},"constructor":null,"toString":1}'),
  post('/compute', '{"toJSON":1,"":{"":[-0,1e400,1e-400,0.1]}}'),
  post('/compute', '{"text":"\\ud800\\u0000\\u2028 é😀"}'),
  post('/compute', '\ufeff{"bom":1}'),
  post('/compute', `${'['.repeat(500)}${']'.repeat(500)}`),
  post('/compute', `${'['.repeat(501)}${']'.repeat(501)}`),
  post('/compute', `${'['.repeat(8000)}${']'.repeat(8000)}`),
  post('/compute', `${'{"":'.repeat(2700)}0${'}'.repeat(2700)}`),
  post('/compute', JSON.stringify({ a: 'x'.repeat(16_376) })),
  post('/compute', JSON.stringify({ a: 'x'.repeat(16_377) })),
  post('/compute', `{"a":[${'1,'.repeat(8000)}1]}`),
  post('/compute', chunked('{"a"', ':1}'), 'Transfer-Encoding: chunked'),
  post('/compute', '{}', 'Content-Encoding: gzip'),
  post('/compute', '{}', 'Content-Encoding: none'),
  { ...post('/compute', '{}'), headers: ['Content-Type: text/plain'] },
  { ...post('/compute', '{}'), headers: ['Content-Type: application/json; charset=utf8'] },
  { ...post('/compute', '{}'), headers: ['Content-Type: application/json; charset=utf-16'] },
  { ...post('/compute', '{}'), headers: ['Content-Type: application/vnd.api+json'] },
  { ...post('/compute', '{}'), headers: [] },
  post('/users', '{"name":"a","email":"b"}'),
  post('/users', '{"name":"a"}'),
  post('/health', '{}'),
  'GET /compute HTTP/1.1\r\nConnection: close\r\n\r\n',
  'GET /compute HTTP/9.9\r\nHost: x\r\n\r\n',
  'GET /compute?n=1 000 HTTP/1.1\r\nHost: x\r\n\r\n',
  'POST /compute HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'POST /compute HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
  `GET /compute HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
  'nonsense\r\n\r\n',
  '\u0016\u0003\u0001\u0000',
];

/** The raw answer without what must differ: the date, and how long things took. */
async function ask({ port, logged }: TestApp, request: RawRequest | string) {
  const text = typeof request === 'string' ? request : toRequestText(request);
  const answer = await exchange(port, text);
  return {
    answer: answer
      .replace(/dur=\d+\.\d{3}/g, 'dur=-')
      .replace(/"time":\d+/, '"time":-')
      .replace(/"timestamp":"[^"]+"/, '"timestamp":"-"'),
    logged: logged.splice(0).map((error) => (error as { code?: unknown }).code),
  };
}

describe('same answers in both modes', { timeout }, () => {
  for (const [name, options] of [
    ['the sum', {}],
    ['a task', { taskUrl }],
  ] as const) {
    test(`${name}: ${requests.length} odd requests: status, headers, body and log are the same`, async (t) => {
      const inline = await startApp(t, 'inline', options);
      const pool = await startApp(t, 'pool', options);
      for (const request of requests) {
        const expected = await ask(inline, request);
        assert.deepEqual(await ask(pool, request), expected, JSON.stringify(request));
        assert.match(expected.answer, /^HTTP\/1\.1 \d{3} /, JSON.stringify(request));
      }
    });
  }
});
