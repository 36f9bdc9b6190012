import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findAcceptQueue } from '../workers/monitor/accept-queue.ts';
import type { TelemetrySample } from '../workers/telemetry.ts';
import { until } from './helpers/pool.ts';
import { type ServerProcess, startServer } from './helpers/server-process.ts';

const longest = 'n=134217728';

async function readSamples(server: ServerProcess, since = 0): Promise<TelemetrySample[]> {
  const response = await fetch(`${server.adminUrl}/telemetry?since=${since}`);
  return ((await response.json()) as { samples: TelemetrySample[] }).samples;
}

async function heartbeatAgeMs(server: ServerProcess): Promise<number> {
  const response = await fetch(`${server.adminUrl}/livez`);
  assert.equal(response.status, 200);
  return ((await response.json()) as { heartbeatAgeMs: number }).heartbeatAgeMs;
}

/** Keeps the event loop of an inline server blocked, in one stretch, for longer than a test needs it. */
function block(t: TestContext, server: ServerProcess): void {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.on('error', () => {});
  t.after(() => socket.destroy());
  // Pipelined requests that arrive in one read are all handled in the same turn of the loop.
  socket.write(`GET /compute?${longest} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(400));
}

/** The built server, in a copy whose monitor thread fails at its next sample for as long as a file is there. */
function copyFailingServer(t: TestContext) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const copy = mkdtempSync(join(root, 'dist', 'failing-'));
  t.after(() => rmSync(copy, { recursive: true }));
  for (const folder of ['src', 'workers'])
    cpSync(join(root, 'dist', folder), join(copy, folder), { recursive: true });
  const failsWhile = join(copy, 'fail');
  writeFileSync(
    join(copy, 'workers', 'monitor', 'summary.js'),
    `import { existsSync } from 'node:fs';
    export function summarize() {
      if (existsSync(${JSON.stringify(failsWhile)})) throw new Error('no such luck');
      return { outcomes: {}, queueWaitMaxMs: null, serviceTimeMaxMs: null };
    }`,
  );
  return { entry: join(copy, 'src', 'server.js'), failsWhile };
}

describe('monitor', () => {
  test('monitor thread that dies: is noticed, logged and started again after growing pauses, and the server lives on', async (t) => {
    const { entry, failsWhile } = copyFailingServer(t);
    const server = await startServer(t, { POOL_NICE: '0' }, { entry });
    const endings = () =>
      server.output.stderr
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { msg: string; err?: { message: string } })
        .flatMap(({ msg, err }) => (msg.startsWith('The monitor thread') ? [{ msg, err }] : []));
    writeFileSync(failsWhile, '');
    await until(() => endings().length >= 3);
    assert.deepEqual(
      endings()
        .slice(0, 3)
        .map(({ msg, err }) => [/in (\d+) ms/.exec(msg)?.[1], err?.message]),
      [
        ['100', 'no such luck'],
        ['200', 'no such luck'],
        ['400', 'no such luck'],
      ],
    );
    assert.equal((await fetch(`${server.url}/compute?n=1000`)).status, 200);
    rmSync(failsWhile);
    // Its successor listens on the same port, knows what the first one was told, and counts on.
    const answers = async (path: string) =>
      fetch(`${server.adminUrl}${path}`).then(
        async (response) => (response.status === 200 ? response.text() : ''),
        () => '',
      );
    await until(async () => (await answers('/readyz')) !== '');
    await until(async () =>
      /^offload_compute_outcomes_total\{outcome="OK"\} 1\n(.*\n)*offload_monitor_restarts_total [1-9]/m.test(
        await answers('/metrics'),
      ),
    );
    server.child.kill('SIGTERM');
    assert.deepEqual(await server.exited, [0, null]);
  });

  test('monitor thread that dies, and a shutdown before it is back: exit code 0', async (t) => {
    const { entry, failsWhile } = copyFailingServer(t);
    const server = await startServer(t, {}, { entry });
    writeFileSync(failsWhile, '');
    await until(() => server.output.stderr.includes('The monitor thread has ended'));
    server.child.kill('SIGTERM');
    assert.deepEqual(await server.exited, [0, null]);
  });

  test('no file descriptor left: a gap in what could not be read, and the server lives', {
    skip: process.platform === 'linux' ? false : 'how many a process may have is set with ulimit',
  }, async (t) => {
    const prefix = ['sh', '-c', 'ulimit -n 256 && exec "$@"', 'sh'];
    const server = await startServer(t, {}, { prefix });
    const port = Number(new URL(server.url).port);
    const descriptors = () => readdirSync(`/proc/${server.child.pid}/fd`).length;
    // Nobody can ask the server meanwhile: whether it has taken a sample is seen afterwards, and if not, once more.
    let samples: TelemetrySample[] = [];
    for (let holdMs = 100; !samples.some(({ rssBytes }) => rssBytes === null); holdMs *= 2) {
      const sockets = Array.from({ length: 300 }, () => connect(port, '127.0.0.1'));
      for (const socket of sockets) socket.on('error', () => {});
      await until(async () => descriptors() >= 256);
      await delay(holdMs);
      for (const socket of sockets) socket.destroy();
      await until(async () => descriptors() < 200);
      samples = await readSamples(server);
    }
    await until(async () => ((await readSamples(server)).at(-1)?.rssBytes ?? 0) > 0);
    assert.equal((await fetch(`${server.url}/health`)).status, 200);
    assert.deepEqual([server.child.exitCode, server.child.signalCode], [null, null]);
  });

  test('event loop blocked: /livez answers with the age of the heartbeat, /readyz says why not, /telemetry shows the gap while it lasts', async (t) => {
    const server = await startServer(t, { COMPUTE_MODE: 'inline' });
    const readiness = async () => {
      const response = await fetch(`${server.adminUrl}/readyz`);
      return { status: response.status, body: await response.json() };
    };
    await until(async () => (await readiness()).status === 200);
    const [last] = (await readSamples(server)).slice(-1);
    block(t, server);
    await until(async () => (await heartbeatAgeMs(server)) > 1000);
    // On a busy machine the heart may have skipped a beat before it was blocked.
    let ready = await readiness();
    while (ready.status !== 503) ready = await readiness();
    assert.deepEqual(ready.body, { ready: false, reasons: ['the event loop is blocked'] });
    await until(async () => {
      const during = await readSamples(server, last?.sequence);
      const gaps = during.filter(({ main }) => main === null);
      return gaps.length >= 3 && gaps.some((sample) => sample.heartbeatAgeMs > 500);
    });
  });

  test('event loop blocked for longer than LIVENESS_MAX_BLOCK_MS: /livez turns 503', async (t) => {
    const server = await startServer(t, { COMPUTE_MODE: 'inline', LIVENESS_MAX_BLOCK_MS: '300' });
    block(t, server);
    await until(async () => (await fetch(`${server.adminUrl}/livez`)).status === 503);
  });

  test('pool mode under load: the event loop turns, the threads are busy, waits are measured', async (t) => {
    // Without a nice value, or the thread comes to nothing where others compute.
    const settings = { POOL_THREADS: '1', POOL_NICE: '0', COMPUTE_MAX_WAIT_MS: '60000' };
    const server = await startServer(t, settings);
    // What the loop itself reported; while it is blocked there is nothing.
    const readMain = async () => (await readSamples(server)).flatMap(({ main }) => main ?? []);
    type Main = NonNullable<TelemetrySample['main']>;
    const isSeen = async (what: (main: Main) => boolean) => (await readMain()).some(what);
    const utilizationOf = (main: Main) => main.workers[0]?.utilization ?? Number.NaN;
    await until(() => isSeen((main) => utilizationOf(main) < 0.5));
    let asked = 0;
    // A busy machine may have taken no sample meanwhile: then once more.
    await until(async () => {
      const computes = Array.from({ length: 6 }, () => fetch(`${server.url}/compute?${longest}`));
      asked += computes.length;
      await Promise.all(computes);
      return (
        (await isSeen((main) => utilizationOf(main) > 0.8)) &&
        (await isSeen(({ computeWaiting }) => computeWaiting >= 3))
      );
    });
    await until(async () => {
      const ended = (await readMain()).map(({ computeEnded }) => computeEnded.outcomes.OK ?? 0);
      return ended.reduce((sum, count) => sum + count, 0) === asked;
    });
    assert.ok(await isSeen(({ computeEnded }) => (computeEnded.queueWaitMaxMs ?? 0) > 0));
  });

  test('sequence numbers: count up by one, and ?since= leaves out what was seen', async (t) => {
    const server = await startServer(t);
    await until(async () => (await readSamples(server)).length >= 5);
    const samples = await readSamples(server);
    samples.forEach(({ sequence }, index) => {
      assert.equal(sequence, index + 1);
    });
    for (const sample of await readSamples(server, 3)) assert.ok(sample.sequence > 3);
    assert.equal((await fetch(`${server.adminUrl}/telemetry?since=x`)).status, 400);
  });

  test('admin listener: unknown path and wrong method are answered as JSON', async (t) => {
    const server = await startServer(t);
    const missing = await fetch(`${server.adminUrl}/users`);
    assert.equal(missing.status, 404);
    assert.equal(((await missing.json()) as { code: string }).code, 'NOT_FOUND');
    const wrong = await fetch(`${server.adminUrl}/livez`, { method: 'POST' });
    assert.equal(wrong.status, 405);
    assert.equal(wrong.headers.get('allow'), 'GET, HEAD');
  });

  test('findAcceptQueue: the rx_queue of the listening socket on that port, and of no other', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid',
      '   0: 0100007F:2328 00000000:0000 0A 00000000:0000009B 00:00000000 00000000     0',
      '   1: 0100007F:2329 0100007F:9999 01 00000000:00000007 00:00000000 00000000     0',
      '',
    ].join('\n');
    assert.equal(findAcceptQueue(table, 9000), 155);
    assert.equal(findAcceptQueue(table, 9001), null);
    assert.equal(findAcceptQueue('', 9000), null);
  });
});
