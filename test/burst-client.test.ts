import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { type BurstClient, startBurstClient } from '../loadtest/burst/burst-client.ts';
import { classifyConnectionError, readStatus } from '../loadtest/burst/connection.ts';
import { runBurst } from '../loadtest/burst/run-burst.ts';
import { LabError } from '../loadtest/lab-error.ts';
import { pickBaseEnvironment } from '../loadtest/process/base-environment.ts';
import { checkOpenFileLimit, parseOpenFileLimit } from '../loadtest/process/open-file-limit.ts';
import { type BurstOutcome, burstOutcomeSchema } from '../loadtest/result/burst-result.ts';
import { decodeHistogram } from '../loadtest/result/histogram.ts';
import { waitUntilGone } from './helpers/lab-processes.ts';
import { findClosedPort, ok, serve, serveTcp } from './helpers/lab-servers.ts';

const clock = { now: () => performance.now(), epochMs: () => Date.now() };

async function burst(port: number, connections: number, deadlineMs = 60_000) {
  const outcome = await runBurst({ port, connections, deadlineMs }, clock);
  // The schema holds that every connection is counted once.
  return burstOutcomeSchema.parse(outcome);
}

function countsOf({ opened, answered, neverAnswered, notConnected, errors }: BurstOutcome) {
  return { opened, answered, neverAnswered, notConnected, ...errors };
}

const none = { answered: 0, neverAnswered: 0, notConnected: 0 };
const noErrors = { beforeConnected: {}, afterConnected: {} };

function start(t: TestContext, port: number, signal = new AbortController().signal) {
  return startBurstClient(
    { port, connections: 20, deadlineMs: 60_000 },
    { env: pickBaseEnvironment(process.env), signal },
  ).then((client) => {
    t.after(() => client.stop());
    return client;
  });
}

async function gone({ pid }: BurstClient): Promise<void> {
  assert.ok(pid !== undefined);
  await waitUntilGone([pid]);
}

describe('burst client', { concurrency: 4 }, () => {
  test('burst: server that answers: every connection asks once and has all its times', async (t) => {
    const asked: string[] = [];
    const port = await serve(t, (req, res) => {
      asked.push(`${req.method} ${req.url} ${req.headers.connection}`);
      ok(res);
    });
    const outcome = await burst(port, 50);
    assert.deepEqual(countsOf(outcome), { ...none, ...noErrors, opened: 50, answered: 50 });
    assert.deepEqual(asked, Array(50).fill('GET /health close'));
    for (const encoded of [outcome.connectTimeUs, outcome.firstByteTimeUs])
      assert.equal(decodeHistogram(encoded).totalCount, 50);
  });

  test('burst: nobody listens: all refused', async () => {
    const outcome = await burst(await findClosedPort(), 20);
    const beforeConnected = { refused: 20 };
    assert.deepEqual(countsOf(outcome), { ...none, opened: 20, ...noErrors, beforeConnected });
    assert.equal(decodeHistogram(outcome.connectTimeUs).totalCount, 0);
    assert.equal(decodeHistogram(outcome.errorAgeUs).totalCount, 20);
  });

  test('burst: server that never answers: connected, and counted at the age of the deadline', async (t) => {
    const port = await serveTcp(t, (socket) => socket.resume());
    const outcome = await burst(port, 10, 1000);
    assert.deepEqual(countsOf(outcome), { ...none, ...noErrors, opened: 10, neverAnswered: 10 });
    assert.equal(decodeHistogram(outcome.neverAnsweredAgeUs).totalCount, 10);
    assert.equal(decodeHistogram(outcome.connectTimeUs).totalCount, 10);
  });

  test('burst: broken answers: each under its own kind', async (t) => {
    const reset = await serveTcp(t, (socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    });
    const silent = await serveTcp(t, (socket) => socket.end());
    const garbled = await serveTcp(t, (socket) => socket.end('SSH-2.0\r\n'));
    const refusing = await serve(t, (_req, res) => {
      res.writeHead(503).end('{"success":false,"code":"SHUTTING_DOWN"}');
    });
    const kinds = async (port: number) => (await burst(port, 3)).errors.afterConnected;
    assert.deepEqual(await kinds(reset), { reset: 3 });
    assert.deepEqual(await kinds(silent), { 'closed without an answer': 3 });
    assert.deepEqual(await kinds(garbled), { 'malformed answer': 3 });
    assert.deepEqual(await kinds(refusing), { '503 SHUTTING_DOWN': 3 });
  });

  test('burst client: a process of its own: stands by, opens on the word, is gone', async (t) => {
    let opened = 0;
    const port = await serve(t, (_req, res) => {
      opened += 1;
      ok(res);
    });
    const client = await start(t, port);
    assert.equal(opened, 0);
    const outcome = await client.run();
    assert.equal(outcome.answered, 20);
    assert.equal(opened, 20);
    await gone(client);
  });

  test('burst client: killed: one line that says so', async (t) => {
    let client: BurstClient | undefined;
    const port = await serveTcp(t, () => process.kill(client?.pid ?? 0, 'SIGKILL'));
    client = await start(t, port);
    await assert.rejects(client.run(), (error: unknown) => {
      assert.ok(error instanceof LabError);
      assert.equal(error.exitCode, 3);
      assert.match(error.message, /^the burst client was ended by SIGKILL without a result/);
      return true;
    });
  });

  test('burst client: aborted: rejects with the reason, and stopping leaves nothing', async (t) => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const port = await serveTcp(t, () => stop.abort(reason));
    const client = await start(t, port, stop.signal);
    await assert.rejects(client.run(), reason);
    await client.stop();
    await gone(client);
  });
});

test('burst errors: the same code before and after connecting', () => {
  const error = (code: string) => Object.assign(new Error(code), { code });
  assert.equal(classifyConnectionError(error('ETIMEDOUT'), false), 'connect timeout');
  assert.equal(classifyConnectionError(error('ETIMEDOUT'), true), 'timeout');
  assert.equal(classifyConnectionError(error('ECONNREFUSED'), false), 'refused');
  assert.equal(classifyConnectionError(error('ECONNRESET'), true), 'reset');
  assert.equal(classifyConnectionError(error('EMFILE'), false), 'EMFILE');
});

test('burst answers: only a status line of HTTP/1 has a status', () => {
  assert.equal(readStatus('HTTP/1.1 200 OK\r\n'), 200);
  assert.equal(readStatus('HTTP/1.1 204\r\n'), 204);
  assert.equal(readStatus('HTTP/1.1 20'), undefined);
  assert.equal(readStatus(''), undefined);
});

test('open files: a limit that is too low is refused with what to do; none fits all', () => {
  const limits =
    'Limit  Soft Limit  Hard Limit  Units\nMax open files            1024  4096  files\n';
  assert.equal(parseOpenFileLimit(limits), 1024);
  assert.equal(parseOpenFileLimit('Max open files  unlimited  unlimited  files\n'), undefined);
  checkOpenFileLimit(600, '--connections', 664);
  checkOpenFileLimit(10_000, '--connections', Number.POSITIVE_INFINITY);
  assert.throws(
    () => checkOpenFileLimit(600, '--connections', 663),
    (error: unknown) =>
      error instanceof LabError && error.exitCode === 2 && /ulimit -n 664/.test(error.message),
  );
});
