import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { faults } from './fixtures/faulty-compute.ts';
import { exchangeRaw, impatient, startApp } from './helpers/app.ts';
import { faultyModuleUrl, until } from './helpers/pool.ts';
import { exchange } from './helpers/raw-exchange.ts';
import { startServer } from './helpers/server-process.ts';

const timeout = 90_000;
const longest = '/compute?n=134217728';
const total = '{"success":true,"total":9007199187632128}';
const timedOut =
  '{"success":false,"message":"The request took too long to arrive","code":"REQUEST_TIMEOUT"}';

for (const mode of ['inline', 'pool'] as const) {
  describe(`misbehaving clients in ${mode} mode`, { timeout }, () => {
    for (const version of ['1.0', '1.1']) {
      test(`HTTP/${version} client that closes its sending side: is answered all the same`, async (t) => {
        const { port, logged } = await startApp(t, mode);
        const request = (path: string) => `GET ${path} HTTP/${version}\r\nHost: x\r\n\r\n`;
        assert.match(await exchangeRaw(port, request('/users')), /^HTTP\/1\.1 200 OK\r\n/);
        const answer = await exchangeRaw(port, request(longest));
        assert.ok(answer.endsWith(total), answer);
        const interim = version === '1.0' ? /^(?=HTTP)/ : /^(HTTP\/1\.1 100 Continue\r\n\r\n)*/;
        assert.match(answer.replace(interim, ''), /^HTTP\/1\.1 200 OK\r\n/);
        assert.deepEqual(logged, []);
      });
    }

    test('body that does not come in time: 408 as JSON, then the connection is closed, and nothing is stored or logged', async (t) => {
      const limits = { HEADERS_TIMEOUT_MS: '100', REQUEST_TIMEOUT_MS: '200' };
      const server = await startServer(t, { COMPUTE_MODE: mode, LOG_LEVEL: 'error', ...limits });
      const port = Number(new URL(server.url).port);
      const answer = await exchange(
        port,
        'POST /users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 30\r\n\r\n{"name":"a",',
      );
      assert.match(answer, /^HTTP\/1\.1 408 Request Timeout\r\n(.*\r\n)*Connection: close\r\n/);
      assert.ok(answer.endsWith(`\r\n\r\n${timedOut}`), answer);
      const users = (await (await fetch(`${server.url}/users`)).json()) as { count: number };
      assert.equal(users.count, 2);
      assert.equal(server.output.stderr, '');
    });
  });
}

describe('misbehaving clients', { timeout }, () => {
  test('body that does not come in time to a route that does not wait for it: 408, the computation is given up, nothing is logged', async (t) => {
    const server = await startServer(t, {
      COMPUTE_TASK: 'test/fixtures/tasks/obliging.mjs',
      POOL_THREADS: '1',
      LOG_LEVEL: 'error',
      HEADERS_TIMEOUT_MS: '100',
      REQUEST_TIMEOUT_MS: '200',
    });
    const answer = await exchange(
      Number(new URL(server.url).port),
      'GET /compute?do=waits+for+the+flag HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n',
    );
    assert.ok(answer.endsWith(timedOut), answer);
    // The one thread is free again.
    assert.equal((await fetch(`${server.url}/compute?do=returns+null`)).status, 200);
    assert.equal(server.output.stderr, '');
  });

  test('client that closes its sending side and then goes: its computation is given up', async (t) => {
    const { port, url, runner, logged } = await startApp(t, 'pool', { moduleUrl: faultyModuleUrl });
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.end(`GET /compute?n=${faults.waitsForTheFlag} HTTP/1.1\r\nHost: x\r\n\r\n`);
    // Asked whether it is still there, which it is.
    await once(socket, 'data');
    assert.equal(runner.state().inFlight, 1);
    socket.destroy();
    await until(() => runner.state().inFlight === 0);
    assert.equal((await fetch(`${url}/compute?n=${faults.none}`)).status, 200);
    assert.deepEqual([logged, runner.state().workersReplaced], [[], 0]);
  });

  test('client that asks for much and reads nothing: its connection is closed, and not while it is computed for', async (t) => {
    const { port, url } = await startApp(t, 'pool', {}, { timeouts: impatient });
    const body = JSON.stringify({ name: 'n'.repeat(320), email: 'e'.repeat(320) });
    const headers = { 'content-type': 'application/json' };
    for (let i = 0; i < 100; i++) await fetch(`${url}/users`, { method: 'POST', headers, body });

    const computed = exchangeRaw(port, `GET ${longest} HTTP/1.0\r\n\r\n`);
    const socket = connect(port, '127.0.0.1').pause();
    socket.write('GET /users HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1000));
    let isClosed = false;
    socket.on('error', () => {
      isClosed = true;
    });
    // The server is gone from the other end once writing fails.
    await until(() => {
      socket.write('x');
      return isClosed;
    });
    assert.ok((await computed).endsWith(total));
  });

  test('client with pipelined requests that goes: all its computations are given up', async (t) => {
    const { port, runner, logged } = await startApp(t, 'pool', { moduleUrl: faultyModuleUrl });
    const socket = connect(port, '127.0.0.1');
    const request = `GET /compute?n=${faults.waitsForTheFlag} HTTP/1.1\r\nHost: x\r\n\r\n`;
    socket.write(request.repeat(20));
    await until(() => runner.state().waiting === 19);
    socket.destroy();
    await until(() => runner.state().inFlight === 0);
    assert.deepEqual([logged, runner.state().waiting], [[], 0]);
  });

  test('rubbish behind a request that is still computed: the connection is closed, and nothing is logged', async (t) => {
    const { port, runner, logged } = await startApp(t, 'pool', { moduleUrl: faultyModuleUrl });
    const request = `GET /compute?n=${faults.waitsForTheFlag} HTTP/1.1\r\nHost: x\r\n\r\n`;
    assert.equal(await exchange(port, `${request}no HTTP\r\n\r\n`), '');
    await until(() => runner.state().inFlight === 0);
    assert.deepEqual(logged, []);
  });
});
