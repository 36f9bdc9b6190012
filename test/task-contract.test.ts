import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AppError, errorTable } from '../src/errors.ts';
import { exchangeRaw, startApp } from './helpers/app.ts';
import { until } from './helpers/pool.ts';

const taskUrl = new URL('./fixtures/tasks/obliging.mjs', import.meta.url).href;

const failure = (code: keyof typeof errorTable, message: string = errorTable[code].message) =>
  JSON.stringify({ success: false, message, code });
const success = (output: unknown) => JSON.stringify({ success: true, output });
const post = (body: unknown) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const toDo = (url: string, deed: string) => fetch(`${url}/compute?do=${encodeURIComponent(deed)}`);

for (const mode of ['inline', 'pool'] as const) {
  describe(`own task in ${mode} mode`, () => {
    for (const [query, input] of [
      ['', {}],
      ['?n=x&text=a%20b', { n: 'x', text: 'a b' }],
      ['?id=1&id=2', { id: ['1', '2'] }],
    ] as const) {
      test(`GET /compute${query}: the query string is the input`, async (t) => {
        const { url } = await startApp(t, mode, { taskUrl });
        const response = await fetch(`${url}/compute${query}`);
        assert.equal(await response.text(), success(input));
        assert.equal(response.status, 200);
        assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
        assert.match(
          response.headers.get('server-timing') ?? '',
          /^queue;dur=\d+\.\d{3}, compute;dur=\d+\.\d{3}$/,
        );
      });
    }

    for (const input of [{ list: [1, { deep: null }], text: 'é😀' }, [], [1, 2]]) {
      test(`POST /compute with ${JSON.stringify(input)}: the body is the input`, async (t) => {
        const { url } = await startApp(t, mode, { taskUrl });
        const response = await fetch(`${url}/compute`, post(input));
        assert.equal(await response.text(), success(input));
        assert.equal(response.status, 200);
      });
    }

    test('POST /compute with an empty body: an empty object is the input, whatever its type', async (t) => {
      const { url } = await startApp(t, mode, { taskUrl });
      const response = await fetch(`${url}/compute`, { method: 'POST' });
      assert.equal(await response.text(), success({}));
    });

    for (const [opening, closing] of [
      ['[', ']'],
      ['{"":', '}'],
    ] as const) {
      const nested = (depth: number) =>
        `${opening.repeat(depth - 1)}[]${closing.repeat(depth - 1)}`;
      const send = async (url: string, depth: number) => {
        const init = { ...post(undefined), body: nested(depth) };
        const response = await fetch(`${url}/compute`, init);
        return { status: response.status, text: await response.text() };
      };

      test(`POST /compute with 500 nested ${opening}: the input as it is`, async (t) => {
        const { url } = await startApp(t, mode, { taskUrl });
        const { text } = await send(url, 500);
        assert.equal(text, `{"success":true,"output":${nested(500)}}`);
      });

      for (const depth of [501, 2700]) {
        test(`POST /compute with ${depth} nested ${opening}: 400, and nothing is logged`, async (t) => {
          const { url, logged } = await startApp(t, mode, { taskUrl });
          const message = 'The request body must not be nested more than 500 deep';
          assert.deepEqual(await send(url, depth), {
            status: 400,
            text: failure('INVALID_VALUE', message),
          });
          assert.deepEqual(logged, []);
        });
      }
    }

    for (const [deed, output] of [
      ['says where it runs', { isMainThread: mode === 'inline' }],
      ['has an ordinary object', true],
      ['is asynchronous', 'later'],
      ['returns null', null],
      ['returns text', 'é "quoted" \u2028 😀'],
    ] as const) {
      test(`task ${deed}: 200 with its output`, async (t) => {
        const { url } = await startApp(t, mode, { taskUrl });
        const response = await toDo(url, deed);
        assert.equal(await response.text(), success(output));
        assert.equal(response.status, 200);
      });
    }

    for (const [deed, reason] of [
      ['throws', /^thrown by the task$/],
      ['throws later', /^thrown by the task$/],
      ['throws text', /^'thrown by the task'$/],
      ['throws what has no text', /null prototype/],
      ['does what it cannot', /is not a function/],
      ['returns nothing', /^The task returned what JSON cannot carry \(undefined\)$/],
      ['returns a function', /^The task returned what JSON cannot carry \(function\)$/],
      ['returns a BigInt', /^The task returned what JSON cannot carry \(bigint\): .*BigInt/],
      ['returns a cycle', /^The task returned what JSON cannot carry \(object\): .*circular/],
    ] as const) {
      test(`task ${deed}: 500 for that request alone, and the reason is logged`, async (t) => {
        const { url, logged, runner } = await startApp(t, mode, { taskUrl });
        const response = await toDo(url, deed);
        assert.equal(await response.text(), failure('WORKER_FAILED'));
        assert.equal(response.status, 500);
        const [error] = logged;
        assert.ok(error instanceof AppError && error.cause instanceof Error);
        assert.match(error.cause.message, reason);
        assert.equal((await toDo(url, 'echo')).status, 200);
        assert.equal(runner.state().workersReplaced, 0);
      });
    }

    for (const deed of ['rejects its input', 'rejects its input later']) {
      test(`task ${deed}: 400 with its message, and nothing is logged`, async (t) => {
        const { url, logged } = await startApp(t, mode, { taskUrl });
        const response = await toDo(url, deed);
        assert.equal(await response.text(), failure('INVALID_VALUE', 'size must be from 1 to 10'));
        assert.equal(response.status, 400);
        assert.deepEqual(logged, []);
      });
    }

    test('client gone: a task that awaits is told, and nothing is logged', async (t) => {
      const { url, runner, logged } = await startApp(t, mode, { taskUrl });
      const readWaiting = async () => {
        const { outputJson } = await runner.run({ do: 'says who waits' }, t.signal);
        return JSON.parse(outputJson) as { now: number; ended: number };
      };
      const client = new AbortController();
      const request = fetch(`${url}/compute?do=waits+for+the+flag`, { signal: client.signal });
      // Inline there is only the task to ask; on a pool's only thread it cannot answer just now.
      await until(async () => runner.state().inFlight === 1 || (await readWaiting()).now === 1);
      client.abort();
      await assert.rejects(request);
      await until(async () => (await readWaiting()).ended === 1);
      assert.deepEqual(logged, []);
    });
  });
}

describe('own task', () => {
  const headers = (type: string) => ({ method: 'POST', headers: { 'content-type': type } });
  for (const [name, init, code] of [
    ['broken JSON', { ...headers('application/json'), body: '{' }, 'INVALID_JSON'],
    ['a bare string', { ...headers('application/json'), body: '"text"' }, 'INVALID_JSON'],
    ['a form', { ...headers('text/plain'), body: '{}' }, 'UNSUPPORTED_MEDIA_TYPE'],
    ['16 KiB + 1 byte', post(['x'.repeat(16 * 1024 - 3)]), 'BODY_TOO_LARGE'],
  ] as const) {
    test(`POST /compute with ${name}: ${code}`, async (t) => {
      const { url } = await startApp(t, 'inline', { taskUrl });
      const response = await fetch(`${url}/compute`, init);
      assert.equal(await response.text(), failure(code));
      assert.equal(response.status, errorTable[code].status);
    });
  }

  test('POST /compute without a body: the input is an empty object', async (t) => {
    const { port } = await startApp(t, 'inline', { taskUrl });
    for (const header of [
      'Connection: close',
      'Content-Type: application/json\r\nContent-Length: 0',
    ]) {
      const request = `POST /compute HTTP/1.1\r\nHost: x\r\n${header}\r\nConnection: close\r\n\r\n`;
      const text = await exchangeRaw(port, request);
      assert.equal(text.split('\r\n\r\n')[1], success({}));
    }
  });

  test('DELETE /compute: 405, and POST is among what is allowed', async (t) => {
    const { url } = await startApp(t, 'inline', { taskUrl });
    const response = await fetch(`${url}/compute`, { method: 'DELETE' });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get('allow'), 'GET, HEAD, POST, OPTIONS');
  });

  test('task never ends: is killed at its deadline, and the new thread runs the same task', async (t) => {
    const { url, runner } = await startApp(t, 'pool', { taskUrl, timeoutMs: 50 });
    const response = await toDo(url, 'never ends');
    assert.equal(await response.text(), failure('COMPUTE_TIMEOUT'));
    assert.equal(response.status, 504);
    await until(() => runner.state().workersReplaced === 1);
    assert.equal((await runner.run({ a: 1 }, t.signal)).outputJson, '{"a":1}');
  });

  test('task throws at the flag: 504 and not 500, and its thread lives on', async (t) => {
    const { url, runner, logged } = await startApp(t, 'pool', { taskUrl, timeoutMs: 1 });
    const response = await toDo(url, 'throws at the flag');
    assert.equal(response.status, 504);
    assert.deepEqual(logged, []);
    assert.equal(runner.state().workersReplaced, 0);
  });

  test('state of the module: every pool thread has its own', async (t) => {
    const { runner } = await startApp(t, 'pool', { taskUrl, threads: 2 });
    const input = { do: 'counts its calls' };
    const counts = await Promise.all([1, 2].map(() => runner.run(input, t.signal)));
    assert.deepEqual(
      counts.map(({ outputJson }) => outputJson),
      ['1', '1'],
    );
  });
});
