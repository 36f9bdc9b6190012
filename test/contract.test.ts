import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import express, { type NextFunction, type Request, type Response } from 'express';
import { AppError, errorTable } from '../src/errors.ts';
import { createHttpServer } from '../src/http/fast-express.ts';
import { createListener } from '../src/http/listener.ts';
import { faults } from './fixtures/faulty-compute.ts';
import { exchangeRaw, startApp } from './helpers/app.ts';
import { faultyModuleUrl } from './helpers/pool.ts';

const isoTimestamp = /"timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/;
const timing = /^queue;dur=\d+\.\d{3}, compute;dur=\d+\.\d{3}$/;
const john = '{"id":1,"name":"John Doe","email":"john@example.com"}';
const jane = '{"id":2,"name":"Jane Smith","email":"jane@example.com"}';

const post = (body: string | Buffer | undefined, headers: Record<string, string> = {}) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  ...(body !== undefined && { body }),
});
const failure = (code: keyof typeof errorTable, message: string = errorTable[code].message) =>
  JSON.stringify({ success: false, message, code });

for (const mode of ['inline', 'pool'] as const) {
  describe(`contract in ${mode} mode`, () => {
    test('GET /health: the original answer, with the time', async (t) => {
      const { url } = await startApp(t, mode);
      const before = Date.now();
      const response = await fetch(`${url}/health`);
      const text = await response.text();
      assert.equal(response.status, 200);
      assert.match(text, isoTimestamp);
      const { timestamp } = JSON.parse(text) as { timestamp: string };
      assert.ok(Date.parse(timestamp) >= before && Date.parse(timestamp) <= Date.now());
      assert.equal(
        text,
        `{"status":"OK","message":"Server is running","timestamp":"${timestamp}"}`,
      );
    });

    test('GET /users: the two first users, to the byte', async (t) => {
      const { url } = await startApp(t, mode);
      const response = await fetch(`${url}/users`);
      const text = await response.text();
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
      assert.equal(response.headers.get('content-length'), String(text.length));
      assert.equal(response.headers.get('x-powered-by'), null);
      assert.equal(
        text.replace(/"time":\d{13}/, '"time":0'),
        `{"success":true,"time":0,"count":2,"data":[${john},${jane}]}`,
      );
    });

    test('GET /compute: the sum, and where its time went', async (t) => {
      const { url } = await startApp(t, mode);
      const response = await fetch(`${url}/compute`);
      assert.equal(response.status, 200);
      assert.match(response.headers.get('server-timing') ?? '', timing);
      assert.equal(await response.text(), '{"success":true,"total":49999995000000}');
    });

    test('HEAD /compute: the status of GET, at no computation', async (t) => {
      const { url, runner } = await startApp(t, mode);
      const run = t.mock.method(runner, 'run');
      for (const [query, status] of [
        ['', 200],
        ['?n=134217728', 200],
        ['?n=0', 400],
      ] as const) {
        const response = await fetch(`${url}/compute${query}`, { method: 'HEAD' });
        assert.equal(response.status, status);
        assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
      }
      assert.equal(run.mock.callCount(), 0);
    });

    for (const [n, total] of [
      [1, 0],
      [1000, 499_500],
      [134_217_728, 9_007_199_187_632_128],
    ]) {
      test(`GET /compute?n=${n}: ${total}`, async (t) => {
        const { url } = await startApp(t, mode);
        const response = await fetch(`${url}/compute?n=${n}`);
        assert.equal(await response.text(), `{"success":true,"total":${total}}`);
      });
    }

    for (const n of ['0', '-1', '1.5', '1e3', '134217729', '', 'x', '0x10', '%20', '1&n=2']) {
      test(`GET /compute?n=${n}: 400 INVALID_VALUE`, async (t) => {
        const { url } = await startApp(t, mode);
        const response = await fetch(`${url}/compute?n=${n}`);
        assert.equal(response.status, 400);
        assert.equal(
          await response.text(),
          failure('INVALID_VALUE', 'n must be an integer from 1 to 134217728'),
        );
      });
    }
  });
}

describe('contract', () => {
  test('POST /users: 201 with ids that count up from 3', async (t) => {
    const { url } = await startApp(t);
    for (const id of [3, 4]) {
      const user = JSON.stringify({ name: `N${id}`, email: `${id}@x`, id: 99, admin: true });
      const response = await fetch(`${url}/users`, post(user));
      assert.equal(response.status, 201);
      assert.equal(
        await response.text(),
        `{"success":true,"message":"User created successfully","data":{"id":${id},"name":"N${id}","email":"${id}@x"}}`,
      );
    }
    const { count } = (await (await fetch(`${url}/users`)).json()) as { count: number };
    assert.equal(count, 4);
  });

  test('GET /users?limit=&after=: pages in the order of ids, with next only when there is more', async (t) => {
    const { url } = await startApp(t);
    for (let id = 3; id <= 7; id++)
      await fetch(`${url}/users`, post(JSON.stringify({ name: `${id}`, email: `${id}` })));
    const read = async (query: string) => {
      const body = (await (await fetch(`${url}/users${query}`)).json()) as {
        count: number;
        data: { id: number }[];
        next?: number;
      };
      assert.equal(body.count, 7);
      return { ids: body.data.map(({ id }) => id), ...('next' in body && { next: body.next }) };
    };
    assert.deepEqual(await read(''), { ids: [1, 2, 3, 4, 5, 6, 7] });
    assert.deepEqual(await read('?limit=3'), { ids: [1, 2, 3], next: 3 });
    assert.deepEqual(await read('?limit=3&after=3'), { ids: [4, 5, 6], next: 6 });
    assert.deepEqual(await read('?limit=3&after=6'), { ids: [7] });
    assert.deepEqual(await read('?limit=7'), { ids: [1, 2, 3, 4, 5, 6, 7] });
    assert.deepEqual(await read('?after=7'), { ids: [] });
    assert.deepEqual(await read('?after=9007199254740991&limit=1000'), { ids: [] });
  });

  for (const query of [
    'limit=0',
    'limit=1001',
    'limit=x',
    'limit=',
    'after=-1',
    'limit=1&limit=2',
  ]) {
    test(`GET /users?${query}: 400 INVALID_VALUE that names the value`, async (t) => {
      const { url } = await startApp(t);
      const response = await fetch(`${url}/users?${query}`);
      const body = (await response.json()) as { code: string; message: string };
      assert.equal(response.status, 400);
      assert.equal(body.code, 'INVALID_VALUE');
      assert.ok(body.message.startsWith(`${query.split('=')[0]} must be `), body.message);
    });
  }

  const long = 'x'.repeat(321);
  for (const body of [
    '{}',
    '[]',
    '{"name":"A"}',
    '{"email":"a@x"}',
    '{"name":"","email":"a@x"}',
    '{"name":1,"email":"a@x"}',
    '{"name":null,"email":"a@x"}',
    `{"name":"${long}","email":"a@x"}`,
    undefined,
  ]) {
    test(`POST /users with ${body?.slice(0, 30) ?? 'no body'}: 400, and no user is added`, async (t) => {
      const { url } = await startApp(t);
      const response = await fetch(`${url}/users`, post(body));
      assert.equal(response.status, 400);
      assert.equal(await response.text(), failure('NAME_AND_EMAIL_REQUIRED'));
      const { count } = (await (await fetch(`${url}/users`)).json()) as { count: number };
      assert.equal(count, 2);
    });
  }

  test('POST /users with 320 characters each: 201', async (t) => {
    const { url } = await startApp(t);
    const text = '😀'.repeat(320);
    const response = await fetch(`${url}/users`, post(JSON.stringify({ name: text, email: text })));
    assert.equal(response.status, 201);
  });

  test('POST /users beyond USERS_MAX: 507, and the others stay', async (t) => {
    const { url } = await startApp(t, 'inline', {}, { usersMax: 3 });
    const user = JSON.stringify({ name: 'a', email: 'b' });
    assert.equal((await fetch(`${url}/users`, post(user))).status, 201);
    const response = await fetch(`${url}/users`, post(user));
    assert.equal(response.status, 507);
    assert.equal(await response.text(), failure('USERS_FULL'));
    const { count } = (await (await fetch(`${url}/users`)).json()) as { count: number };
    assert.equal(count, 3);
  });

  for (const charset of ['utf-8', 'UTF-8', 'utf8', 'UTF8', '"utf-8"']) {
    test(`POST /users in charset=${charset}: 201`, async (t) => {
      const { url } = await startApp(t);
      const headers = { 'content-type': `application/json; charset=${charset}` };
      const response = await fetch(`${url}/users`, post('{"name":"a","email":"b"}', headers));
      assert.equal(response.status, 201);
    });
  }

  const gzipped = gzipSync('{"name":"a","email":"b"}');
  for (const [name, body, status] of [
    ['gzip', gzipped, 201],
    ['half of a gzip', gzipped.subarray(0, 20), 400],
    ['no gzip at all', Buffer.from('{"name":"a","email":"b"}'), 400],
  ] as const) {
    test(`POST /users with ${name} in Content-Encoding gzip: ${status}`, async (t) => {
      const { url, logged } = await startApp(t);
      const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
      const response = await fetch(`${url}/users`, { method: 'POST', headers, body });
      assert.equal(response.status, status);
      if (status === 400) assert.equal(await response.text(), failure('INVALID_ENCODING'));
      assert.deepEqual(logged, []);
    });
  }

  const invalidJson = failure('INVALID_JSON');
  const unsupported = failure('UNSUPPORTED_MEDIA_TYPE');
  for (const [name, init, status, expected] of [
    ['broken JSON', post('{"name":'), 400, invalidJson],
    ['a bare string', post('"text"'), 400, invalidJson],
    ['null', post('null'), 400, invalidJson],
    ['bytes that are not UTF-8', post(Buffer.from([0x22, 0xff, 0x22])), 400, invalidJson],
    [
      'a form',
      post('name=a&email=b', { 'content-type': 'application/x-www-form-urlencoded' }),
      415,
      unsupported,
    ],
    [
      'an unknown charset',
      post('{}', { 'content-type': 'application/json; charset=x-none' }),
      415,
      unsupported,
    ],
    ['an unknown encoding', post('{}', { 'content-encoding': 'x-none' }), 415, unsupported],
    [
      '16 KiB + 1 byte',
      post(JSON.stringify('x'.repeat(16 * 1024 - 1))),
      413,
      failure('BODY_TOO_LARGE'),
    ],
  ] as const) {
    test(`POST /users with ${name}: ${status}`, async (t) => {
      const { url } = await startApp(t);
      const response = await fetch(`${url}/users`, init);
      assert.equal(await response.text(), expected);
      assert.equal(response.status, status);
    });
  }

  for (const path of ['/', '/nope', '/users/1', '/%ff', '/users/%', '//', '/metrics']) {
    test(`GET ${path}: 404 NOT_FOUND as JSON`, async (t) => {
      const { url } = await startApp(t);
      const response = await fetch(`${url}${path}`);
      assert.equal(await response.text(), failure('NOT_FOUND'));
      assert.equal(response.status, 404);
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
    });
  }

  for (const [method, path, allow] of [
    ['DELETE', '/users', 'GET, HEAD, POST, OPTIONS'],
    ['PUT', '/users', 'GET, HEAD, POST, OPTIONS'],
    ['POST', '/health', 'GET, HEAD, OPTIONS'],
    ['POST', '/compute', 'GET, HEAD, OPTIONS'],
    ['PATCH', '/compute', 'GET, HEAD, OPTIONS'],
  ] as const) {
    test(`${method} ${path}: 405 with Allow`, async (t) => {
      const { url } = await startApp(t);
      const response = await fetch(`${url}${path}`, { method });
      assert.equal(response.status, 405);
      assert.equal(response.headers.get('allow'), allow);
      assert.equal(await response.text(), failure('METHOD_NOT_ALLOWED'));
    });
  }

  test('OPTIONS /users: 204 with Allow', async (t) => {
    const { url } = await startApp(t);
    const response = await fetch(`${url}/users`, { method: 'OPTIONS' });
    assert.equal(response.status, 204);
    assert.equal(response.headers.get('allow'), 'GET, HEAD, POST, OPTIONS');
  });

  test('HEAD /users: the headers of GET without a body', async (t) => {
    const { url } = await startApp(t);
    const [get, head] = [
      await fetch(`${url}/users`),
      await fetch(`${url}/users`, { method: 'HEAD' }),
    ];
    assert.equal(head.status, 200);
    assert.equal(head.headers.get('content-length'), get.headers.get('content-length'));
    assert.equal(await head.text(), '');
  });

  for (const [name, request, status, code] of [
    ['no HTTP', 'hello\r\n\r\n', 400, 'BAD_REQUEST'],
    [
      'headers of 20 KiB',
      `GET /health HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_480)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
    [
      'an unknown expectation',
      'GET /health HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nConnection: close\r\n\r\n',
      417,
      'EXPECTATION_FAILED',
    ],
    ['no Host', 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'BAD_REQUEST'],
  ] as const) {
    test(`a request with ${name}: ${status} as JSON`, async (t) => {
      const { port } = await startApp(t);
      const text = await exchangeRaw(port, request);
      assert.ok(text.startsWith(`HTTP/1.1 ${status} `), text.split('\r\n')[0]);
      assert.equal(text.split('\r\n\r\n')[1], failure(code));
    });
  }

  test('overload of /compute: 503 with Retry-After, while /users and /health answer', async (t) => {
    const { url } = await startApp(t, 'pool', { queueMax: 2 });
    const computes = Array.from({ length: 10 }, () => fetch(`${url}/compute`));
    assert.equal((await fetch(`${url}/users`)).status, 200);
    assert.equal((await fetch(`${url}/health`)).status, 200);
    const responses = await Promise.all(computes);
    const statuses = responses.map(({ status }) => status);
    assert.deepEqual([...new Set(statuses)].sort(), [200, 503]);
    const shed = responses.find(({ status }) => status === 503);
    assert.equal(await shed?.text(), failure('QUEUE_FULL'));
    assert.match(shed?.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  });

  test('deadline of /compute: 504', async (t) => {
    const { url } = await startApp(t, 'pool', { timeoutMs: 1 });
    const response = await fetch(`${url}/compute?n=134217728`);
    assert.equal(response.status, 504);
    assert.equal(await response.text(), failure('COMPUTE_TIMEOUT'));
  });

  test('worker that fails: 500 without the reason, which is logged', async (t) => {
    const { url, logged } = await startApp(t, 'pool', { moduleUrl: faultyModuleUrl });
    const response = await fetch(`${url}/compute?n=${faults.throws}`);
    assert.equal(response.status, 500);
    assert.equal(await response.text(), failure('WORKER_FAILED'));
    const [error] = logged;
    assert.ok(error instanceof AppError && error.cause instanceof Error);
    assert.match(error.cause.message, /thrown by the task/);
  });

  test('client that disconnects: nothing is logged, and the thread is free again', async (t) => {
    const { url, runner, logged } = await startApp(t, 'pool', { moduleUrl: faultyModuleUrl });
    const client = new AbortController();
    const request = fetch(`${url}/compute?n=${faults.waitsForTheFlag}`, { signal: client.signal });
    while (runner.state().inFlight === 0) await new Promise((resolve) => setImmediate(resolve));
    client.abort();
    await assert.rejects(request);
    assert.equal((await fetch(`${url}/compute?n=${faults.none}`)).status, 200);
    assert.deepEqual(logged, []);
    assert.equal(runner.state().workersReplaced, 0);
  });
});

test('error handler that fails itself: 500 as JSON, and the server lives on', async (t) => {
  const app = express();
  app.get('/fails', () => {
    throw new Error('first');
  });
  // Express knows an error handler by its four parameters.
  app.use((_error: unknown, _req: Request, _res: Response, _next: NextFunction) => {
    throw new Error('second');
  });
  const server = createHttpServer(app, {}, createListener(app));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  for (let i = 0; i < 2; i++) {
    const response = await fetch(`http://127.0.0.1:${port}/fails`);
    assert.equal(response.status, 500);
    assert.equal(await response.text(), failure('INTERNAL'));
  }
});
