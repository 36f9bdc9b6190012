import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { describe, type TestContext, test } from 'node:test';
import autocannon from 'autocannon';
import { toPercentiles } from '../loadtest/analysis/percentiles.ts';
import { autocannonBooksSchema, findDisagreement } from '../loadtest/autocannon/check-books.ts';
import type { ClosedLoopPlan } from '../loadtest/autocannon/closed-loop-plan.ts';
import { runAutocannon } from '../loadtest/autocannon/run-autocannon.ts';
import { runClosedLoop } from '../loadtest/autocannon/run-closed-loop.ts';
import { pickBaseEnvironment } from '../loadtest/process/base-environment.ts';
import { decodeHistogram } from '../loadtest/result/histogram.ts';
import { findClosedPort, ok, serve } from './helpers/lab-servers.ts';

const clock = {
  now: () => performance.now(),
  eventLoopUtilization: performance.eventLoopUtilization.bind(performance),
  epochMs: () => Date.now(),
};
// A timer may fire up to a millisecond before its time.
const timerSlackMs = 1;
const oneConnection = { endpoints: [{ path: '/users', connections: 1 }] };
/** Later than the beginning of a window without a warm-up. */
const answerMs = 20;

function plan(port: number, changes: Partial<ClosedLoopPlan> = {}): ClosedLoopPlan {
  return {
    port,
    endpoints: [{ path: '/users', connections: 3 }],
    warmupMs: 0,
    // Many times what the known counts need, for a busy machine.
    measureMs: 3000,
    timeoutMs: 10_000,
    ...changes,
  };
}

/** Loads one endpoint from this process. */
async function run(loadPlan: ClosedLoopPlan) {
  const { endpoints, ...rest } = await runClosedLoop(loadPlan, clock);
  const [endpoint] = endpoints;
  assert.ok(endpoint);
  const histogram = decodeHistogram(endpoint.serviceTimeUs);
  return { ...rest, ...endpoint, serviceTime: toPercentiles(histogram) };
}

type Act = (res: ServerResponse, req: IncomingMessage, count: number) => void;

/** A server that does something with its first requests and never answers the later ones, so that all counts are known. */
async function serveFirst(t: TestContext, requests: number, act: Act) {
  const seen = { requests: 0 };
  const port = await serve(t, (req, res) => {
    seen.requests += 1;
    const count = seen.requests;
    if (count <= requests) setTimeout(() => act(res, req, count), answerMs);
  });
  return { port, seen };
}

// Concurrent, because each of them mostly waits.
describe('quick: autocannon', { concurrency: 6 }, () => {
  test('autocannon: server with a constant delay: none faster than the delay, in microseconds', async (t) => {
    const port = await serve(t, (_req, res) => setTimeout(() => ok(res), 50));
    const { succeeded, serviceTime, errors, windowMs } = await run(plan(port, { warmupMs: 200 }));
    assert.deepEqual(errors, {});
    assert.equal(serviceTime?.count, succeeded);
    assert.ok(serviceTime.p50Ms >= 50 - timerSlackMs, `${serviceTime.p50Ms}`);
    assert.ok(serviceTime.p50Ms <= serviceTime.p95Ms && serviceTime.p95Ms <= serviceTime.p99Ms);
    // Three connections cannot have had more answers than fit in one after the other.
    assert.ok(succeeded <= 3 * (windowMs / (50 - timerSlackMs) + 1), `${succeeded}`);
  });

  test('autocannon: server that answers so many and then hangs: every request is in one of the counts', async (t) => {
    const { port, seen } = await serveFirst(t, 30, (res) => ok(res));
    const { succeeded, errors, unanswered, oldestUnansweredMs } = await run(plan(port));
    assert.deepEqual([succeeded, errors, unanswered], [30, {}, 3]);
    assert.equal(seen.requests, 33);
    assert.ok(oldestUnansweredMs !== null && oldestUnansweredMs > 0);
  });

  test('autocannon: server that never answers: no times, but requests unanswered for the whole window', async (t) => {
    const { port } = await serveFirst(t, 0, (res) => ok(res));
    const { succeeded, serviceTime, unanswered, oldestUnansweredMs, windowMs } = await run(
      plan(port, { measureMs: 500 }),
    );
    assert.deepEqual([succeeded, serviceTime, unanswered], [0, undefined, 3]);
    assert.ok(oldestUnansweredMs !== null && oldestUnansweredMs >= windowMs);
  });

  test('autocannon: hung since the warm-up: still counted as unanswered', async (t) => {
    const { port } = await serveFirst(t, 0, (res) => ok(res));
    const loadPlan = plan(port, { warmupMs: 300, measureMs: 300 });
    const { unanswered, oldestUnansweredMs, windowMs } = await run(loadPlan);
    assert.equal(unanswered, 3);
    assert.ok(oldestUnansweredMs !== null && oldestUnansweredMs > windowMs);
  });

  test('autocannon: 503 for every other request: counted by status, in no percentile', async (t) => {
    const { port } = await serveFirst(t, 12, (res, _req, count) => {
      if (count % 2 === 0) setTimeout(() => ok(res), 100);
      else res.writeHead(503).end();
    });
    const { succeeded, errors, serviceTime } = await run(plan(port));
    assert.deepEqual([succeeded, errors], [6, { '503': 6 }]);
    assert.equal(serviceTime?.count, 6);
    // The median would be below if the quick refusals were in it.
    assert.ok(serviceTime.p50Ms >= 100 + answerMs - timerSlackMs, `${serviceTime.p50Ms}`);
  });

  // autocannon alone times the answer after the lost request from when that one was sent.
  const lateMs = 500;
  for (const [how, end] of [
    ['closes (FIN)', (req: IncomingMessage) => req.socket.end()],
    ['resets (RST)', (req: IncomingMessage) => req.socket.resetAndDestroy()],
  ] as const) {
    test(`autocannon: server that ${how} a connection late: one error, no other time is changed`, async (t) => {
      const arrivedMs: number[] = [];
      const endedMs: number[] = [clock.now()];
      let requests = 0;
      const port = await serve(t, (req, res) => {
        const count = ++requests;
        arrivedMs[count] = clock.now();
        if (count > 6) return;
        setTimeout(
          () => {
            endedMs[count] = clock.now();
            if (count === 3) end(req);
            else ok(res);
          },
          count === 3 ? lateMs : answerMs,
        );
      });
      const { succeeded, errors, unanswered, serviceTime } = await run(plan(port, oneConnection));
      assert.deepEqual([succeeded, errors, unanswered], [5, { reset: 1 }, 1]);
      assert.equal(requests, 7);
      // On one connection a request leaves after the one before it has ended, and ends before the next arrives.
      const longestMs = [1, 2, 4, 5, 6].map(
        (count) => (arrivedMs[count + 1] ?? Number.NaN) - (endedMs[count - 1] ?? Number.NaN),
      );
      const limitMs = 1.001 * Math.max(...longestMs);
      assert.ok(serviceTime !== undefined && serviceTime.maxMs <= limitMs, `${limitMs}`);
    });
  }

  test('autocannon: server that closes after every answer: each costs one request', async (t) => {
    const { port, seen } = await serveFirst(t, 20, (res) => {
      res.setHeader('connection', 'close');
      ok(res);
    });
    const { succeeded, errors, unanswered } = await run(plan(port));
    assert.deepEqual([succeeded, errors, unanswered], [20, { reset: 20 }, 3]);
    assert.equal(seen.requests, 23);
  });

  test('autocannon: answer cut in the middle: one error, the next answer is read from its beginning', async (t) => {
    const { port } = await serveFirst(t, 10, (res, req, count) => {
      if (count !== 4) return ok(res);
      res.writeHead(200, { 'content-length': 100_000 });
      res.write('x'.repeat(10), () => req.socket.end());
    });
    const { succeeded, errors, unanswered } = await run(plan(port, oneConnection));
    assert.deepEqual([succeeded, errors, unanswered], [9, { reset: 1 }, 1]);
  });

  test('autocannon: request that reaches its timeout: counted as one, and its connection replaced', async (t) => {
    let requests = 0;
    const port = await serve(t, (_req, res) => {
      requests += 1;
      if (requests > 1) setTimeout(() => ok(res), answerMs);
    });
    const result = await run(plan(port, { ...oneConnection, timeoutMs: 1000, measureMs: 2400 }));
    // On a busy machine others may reach it too.
    assert.deepEqual(Object.keys(result.errors), ['timeout']);
    assert.ok(requests > 1);
  });

  test('autocannon: one endpoint hangs: the other is not held up', async (t) => {
    const answered = new Map<string, number>();
    const port = await serve(t, (req, res) => {
      const path = req.url ?? '';
      const count = (answered.get(path) ?? 0) + 1;
      answered.set(path, count);
      if (path === '/users' && count <= 20) setTimeout(() => ok(res), answerMs);
    });
    const paths = ['/users', '/health', '/compute'];
    const endpoints = paths.map((path) => ({ path, connections: 2 }));
    const result = await runClosedLoop(plan(port, { endpoints }), clock);
    assert.deepEqual(
      result.endpoints.map(({ path, succeeded, unanswered }) => [path, succeeded, unanswered]),
      [
        ['/users', 20, 2],
        ['/health', 0, 2],
        ['/compute', 0, 2],
      ],
    );
  });

  test('autocannon: refused port: given up long before the time is over', async () => {
    const refused = plan(await findClosedPort(), { measureMs: 600_000 });
    await assert.rejects(runClosedLoop(refused, clock), /^Error: GET \/users: gave up after \d+ /);
    const options = { env: pickBaseEnvironment(process.env), signal: new AbortController().signal };
    await assert.rejects(runAutocannon(refused, options), {
      name: 'LabError',
      message: /^autocannon failed: GET \/users: gave up after \d+ failures \(refused\)$/,
      exitCode: 3,
    });
  });

  test('autocannon: server that goes away after some answers: given up, not a figure', async (t) => {
    let answered = 0;
    const server = createServer({ keepAliveTimeout: 60_000 }, (_req, res) => {
      answered += 1;
      if (answered <= 30) setTimeout(() => ok(res), answerMs);
      else {
        server.close();
        server.closeAllConnections();
      }
    });
    t.after(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    await assert.rejects(
      runClosedLoop(plan(port, { measureMs: 600_000 }), clock),
      /^Error: GET \/users: gave up after \d+ failures \(refused\)$/,
    );
  });

  test('autocannon: process of its own: the same figures come back; aborting ends it at once', async (t) => {
    const { port, seen } = await serveFirst(t, 30, (res) => ok(res));
    const env = pickBaseEnvironment(process.env);
    const { signal } = new AbortController();
    const { endpoints, eventLoopUtilization } = await runAutocannon(plan(port), { env, signal });
    assert.deepEqual(
      endpoints.map(({ path, connections, succeeded }) => [path, connections, succeeded]),
      [['/users', 3, 30]],
    );
    assert.ok(eventLoopUtilization > 0 && eventLoopUtilization < 1);
    assert.equal(seen.requests, 33);

    const stop = new AbortController();
    const reason = new Error('enough');
    const running = runAutocannon(plan(port, { measureMs: 600_000 }), { env, signal: stop.signal });
    setTimeout(() => stop.abort(reason), 200);
    await assert.rejects(running, reason);
  });

  test('autocannon: its own correction for coordinated omission: on only with a rate, and found out', async (t) => {
    const port = await serve(t, (_req, res) => setTimeout(() => ok(res), 50));
    const url = `http://127.0.0.1:${port}/users`;
    await assert.rejects(
      Promise.resolve(autocannon({ url, duration: 1, ignoreCoordinatedOmission: true })),
      /makes no sense without connectionRate/,
    );
    const load = { url, connections: 1, duration: 1, sampleInt: 50 };
    const check = async (options: autocannon.Options) => {
      const books = autocannonBooksSchema.parse(await autocannon(options));
      const { total, sent } = books.requests;
      const failures = { failed: 0, timedOut: 0, closed: 0 };
      const totals = { sent, answered: total, open: sent - total, ...failures };
      return { total, books, problem: findDisagreement(totals, books) };
    };
    assert.equal((await check(load)).problem, undefined);
    const rated = await check({ ...load, connectionRate: 5 });
    assert.ok(rated.books.latency.totalCount > rated.total);
    assert.match(rated.problem ?? '', /^\d+ times were counted, and \d+ by autocannon itself$/);
  });
});
