import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { until } from './helpers/pool.ts';
import { type ServerProcess, startServer } from './helpers/server-process.ts';

const longest = 134_217_728;

// On a busy machine what takes a tenth of a second may take long.
const roomy = {
  ...{ POOL_THREADS: '2', POOL_NICE: '0', COMPUTE_QUEUE_MAX: '1000', COMPUTE_MAX_WAIT_MS: '60000' },
  ...{ SHUTDOWN_TIMEOUT_MS: '60000', COMPUTE_TIMEOUT_MS: '60000' },
};

function request(
  url: string,
  agent: Agent,
  onSocket: (socket: Socket) => void = () => {},
): Promise<{ status: number; connection: string }> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response: IncomingMessage) => {
      response.resume().on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          connection: response.headers.connection ?? '',
        }),
      );
    })
      .on('socket', onSocket)
      .on('error', reject);
  });
}

/** Resolves with the answers to come once all are accepted, which is when the kernel has said yes and the request is on its way. */
async function sendComputations(
  server: ServerProcess,
  agent: Agent,
  { count, n }: { count: number; n: number },
): Promise<ReturnType<typeof request>[]> {
  const sockets = new Set<Socket>();
  const answers = Array.from({ length: count }, () =>
    request(`${server.url}/compute?n=${n}`, agent, (socket) => sockets.add(socket)),
  );
  const isSent = (socket: Socket) => !socket.connecting && socket.bytesWritten > 0;
  await until(() => sockets.size === count && [...sockets].every(isSent));
  // Some are with the server, some not yet.
  await until(async () => (await gateDepth(server)) > 0);
  return answers;
}

async function statusesOf(answers: ReturnType<typeof request>[]): Promise<number[]> {
  return (await Promise.all(answers)).map(({ status }) => status);
}

async function gateDepth(server: ServerProcess): Promise<number> {
  const { samples } = (await (await fetch(`${server.adminUrl}/telemetry`)).json()) as {
    samples: { main: { computeInFlight: number; computeWaiting: number } | null }[];
  };
  const main = samples.at(-1)?.main;
  return (main?.computeInFlight ?? 0) + (main?.computeWaiting ?? 0);
}

describe('shutdown', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`${signal} with 200 computations accepted: all are answered, exit code 0`, async (t) => {
      const server = await startServer(t, roomy);
      const agent = new Agent({ keepAlive: true });
      t.after(() => agent.destroy());
      const answers = await sendComputations(server, agent, { count: 200, n: 1_000_000 });
      server.child.kill(signal);
      assert.deepEqual(await statusesOf(answers), new Array(200).fill(200));
      assert.deepEqual(await server.exited, [0, null]);
    });
  }

  test('while it shuts down: new connections are refused, /compute is refused, the rest told to close', async (t) => {
    const server = await startServer(t, { ...roomy, POOL_THREADS: '1' });
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    const { port } = new URL(server.url);
    // A connection in the middle of a request is what is still open after the signal.
    const open = connect(Number(port), '127.0.0.1');
    await once(open, 'connect');
    open.write('GET /users HTTP/1.1\r\nHost: x\r\n');
    const answers = await sendComputations(server, agent, { count: 5, n: longest });
    server.child.kill('SIGTERM');
    await until(async () => (await fetch(`${server.adminUrl}/readyz`)).status === 503);
    await until(() =>
      fetch(`${server.url}/health`, { headers: { connection: 'close' } }).then(
        () => false,
        () => true,
      ),
    );
    open.write('\r\n');
    let answer = '';
    for await (const chunk of open) answer += chunk;
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(answer, /\r\nConnection: close\r\n/);
    assert.deepEqual(await statusesOf(answers), new Array(5).fill(200));
    assert.deepEqual(await server.exited, [0, null]);
  });

  test('connection that never finishes its request: is cut at the deadline, exit code 0', async (t) => {
    const server = await startServer(t, { SHUTDOWN_TIMEOUT_MS: '300' });
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET /health HTTP/1.1\r\nHost: x\r\n');
    await fetch(`${server.url}/health`);
    server.child.kill('SIGTERM');
    socket.on('error', () => {});
    assert.deepEqual(await server.exited, [0, null]);
  });

  test('connections that send nothing, or half a request: do not hold the shutdown up until its deadline', async (t) => {
    const server = await startServer(t, { SHUTDOWN_TIMEOUT_MS: '600000' });
    for (const text of ['', 'GET /health HTTP/1.1\r\n']) {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.write(text);
    }
    await fetch(`${server.url}/health`);
    server.child.kill('SIGTERM');
    assert.deepEqual(await server.exited, [0, null]);
  });

  test('client that is answered 408 and stays: its socket is closed all the same', async (t) => {
    const server = await startServer(t, { HEADERS_TIMEOUT_MS: '100' });
    const { port } = new URL(server.url);
    const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
    socket.write('GET /health HTTP/1.1\r\n');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    // The server is gone from the other end once writing fails.
    await once(socket, 'end');
    socket.on('error', () => {});
    await until(() => {
      socket.write('x');
      return socket.destroyed;
    });
    assert.match(answer, /^HTTP\/1\.1 408 .*"code":"REQUEST_TIMEOUT"\}$/s);
  });

  test('accepted request that outlives the deadline: is counted in the log, exit code 1', async (t) => {
    const server = await startServer(t, { ...roomy, POOL_THREADS: '1', SHUTDOWN_TIMEOUT_MS: '50' });
    const agent = new Agent();
    const lost = Array.from({ length: 40 }, () =>
      request(`${server.url}/compute?n=${longest}`, agent).catch(() => 'lost'),
    );
    await until(async () => (await gateDepth(server)) >= 8);
    server.child.kill('SIGTERM');
    assert.deepEqual(await server.exited, [1, null]);
    assert.ok((await Promise.all(lost)).includes('lost'));
    assert.match(server.output.stderr, /"requestsLost":\d+,"msg":"The deadline cut off requests"/);
  });

  test('second signal: exit code 1 at once', async (t) => {
    const server = await startServer(t, { SHUTDOWN_DELAY_MS: '7000' });
    server.child.kill('SIGTERM');
    await until(async () => (await fetch(`${server.adminUrl}/readyz`)).status === 503);
    server.child.kill('SIGTERM');
    assert.deepEqual(await server.exited, [1, null]);
  });

  test('SHUTDOWN_DELAY_MS: not ready, and still serving until it is over', async (t) => {
    const server = await startServer(t, { SHUTDOWN_DELAY_MS: '3000' });
    server.child.kill('SIGTERM');
    await until(async () => (await fetch(`${server.adminUrl}/readyz`)).status === 503);
    const response = await fetch(`${server.url}/compute?n=1000`);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('connection'), 'close');
    assert.deepEqual(await server.exited, [0, null]);
  });
});
