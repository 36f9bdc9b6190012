import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import { loadPlanSchema } from '../loadtest/generator/load-plan.ts';
import { runGenerator } from '../loadtest/generator/run-generator.ts';
import { judgeSelfCheck } from '../loadtest/generator/self-check.ts';
import { LabError } from '../loadtest/lab-error.ts';
import { pickBaseEnvironment } from '../loadtest/process/base-environment.ts';
import { findClosedPort, ok, serve, serveTcp } from './helpers/lab-servers.ts';
import {
  assertAtLeast,
  clock,
  createLoadPlan,
  openingPath,
  run,
  serveOpened,
} from './helpers/load-runs.ts';

const kept = { kind: 'kept', connections: 20 } as const;
const fresh = { kind: 'new' } as const;

function inOwnProcess(signal = new AbortController().signal) {
  return { env: pickBaseEnvironment(process.env), signal };
}

// Concurrent, because each of them mostly waits.
describe('generator', { concurrency: 4 }, () => {
  test('generator: server with a constant delay: every request sent, none faster than the delay', async (t) => {
    const port = await serveOpened(t, (_req, res) => clock.after(50, () => ok(res)));
    const plan = createLoadPlan(port, {}, { warmupMs: 100, measureMs: 1000 });
    const { summary, selfCheck, blocks, times } = await run(plan);
    assert.equal(selfCheck.scheduled, 100);
    assert.equal(selfCheck.sent, 100);
    assert.deepEqual(summary.errors, {});
    assert.equal(times('responseTimeUs')?.count, 100);
    assertAtLeast(times('responseTimeUs')?.p50Ms, 50);
    assert.deepEqual(
      blocks.map(({ scheduled, succeeded }) => [scheduled, succeeded]),
      [
        [50, 50],
        [50, 50],
      ],
    );
  });

  test('generator: server with two delays: the percentiles lie where the schedule puts them', async (t) => {
    let count = 0;
    const port = await serveOpened(t, (_req, res) => {
      count += 1;
      clock.after(count % 5 === 0 ? 600 : 20, () => ok(res));
    });
    const { times } = await run(createLoadPlan(port, {}, { measureMs: 1000 }));
    // A fifth of the answers takes the longer delay, p95 and p99 among them.
    assertAtLeast(times('responseTimeUs')?.p50Ms, 20);
    assertAtLeast(times('responseTimeUs')?.p95Ms, 600);
    assertAtLeast(times('responseTimeUs')?.p99Ms, 600);
  });

  test('generator: server stalls once: requests kept leaving and waited for its end', async (t) => {
    const waiting: ServerResponse[] = [];
    let arrived = 0;
    const port = await serveOpened(t, (_req, res) => {
      arrived += 1;
      if (arrived > 30 && arrived <= 90) {
        waiting.push(res);
        return;
      }
      ok(res);
      if (arrived > 90) for (const one of waiting.splice(0)) ok(one);
    });
    const connection = { kind: 'kept', connections: 100 } as const;
    const plan = createLoadPlan(port, { connection }, { measureMs: 1000 });
    const { selfCheck, times } = await run(plan);
    assert.equal(selfCheck.sent, 100);
    // 60 of 100 requests are held until another leaves, which is not due before 900 ms. They leave 10 ms apart, so the
    // longest wait is 600 ms, and half of all wait for at least 100 ms. A closed loop would wait for ever. Connections
    // may change the order by one.
    assertAtLeast(times('responseTimeUs')?.p50Ms, 100 - 10);
    assertAtLeast(times('responseTimeUs')?.p95Ms, 550 - 10);
    assertAtLeast(times('responseTimeUs')?.maxMs, 600 - 10);
  });

  test('generator: nobody listens: every request on a new connection refused, none in the percentiles', async () => {
    const port = await findClosedPort();
    const { summary, selfCheck } = await run(createLoadPlan(port, { connection: fresh }));
    assert.deepEqual(summary.errors, { refused: 50 });
    assert.equal(summary.responseTime, undefined);
    assert.equal(summary.throughputPerSec, 0);
    assert.deepEqual(selfCheck.ownErrors, {});
  });

  test('generator: server resets new connections: counted as reset', async (t) => {
    const port = await serveTcp(t, (socket) => socket.once('data', () => socket.resetAndDestroy()));
    const { summary } = await run(createLoadPlan(port, { connection: fresh }));
    assert.deepEqual(summary.errors, { reset: 50 });
    assert.equal(summary.responseTime, undefined);
  });

  test('generator: server refuses with a code: counted by status and code', async (t) => {
    const port = await serveOpened(t, (_req, res) => {
      res.writeHead(503, { 'content-type': 'application/json' });
      res.end(JSON.stringify({ success: false, message: 'full', code: 'QUEUE_FULL' }));
    });
    const { summary } = await run(createLoadPlan(port));
    assert.deepEqual(summary.errors, { '503 QUEUE_FULL': 50 });
    assert.equal(summary.responseTime, undefined);
  });

  test('generator: server never answers: every request counts as unanswered at its age', async (t) => {
    const port = await serveOpened(t, () => {});
    for (const connection of [kept, fresh]) {
      const { summary, selfCheck, times } = await run(
        createLoadPlan(port, { connection }, { drainMs: 300 }),
      );
      assert.equal(selfCheck.sent, 50);
      assert.equal(summary.unanswered, 50);
      assert.deepEqual(summary.errors, {});
      // The first one was meant to leave 800 ms before the end, the last one 310 ms.
      assert.equal(times('responseTimeUs')?.count, 50);
      assertAtLeast(times('responseTimeUs')?.maxMs, 800);
      assertAtLeast(times('responseTimeUs')?.p50Ms, 500);
    }
  });

  test('generator: server slower than the timeout: counted as timeout, at no less than its timeout', async (t) => {
    const port = await serveOpened(t, () => {});
    for (const connection of [kept, fresh]) {
      const { summary, times } = await run(createLoadPlan(port, { connection, timeoutMs: 200 }));
      assert.deepEqual(summary.errors, { timeout: 50 }, connection.kind);
      assert.equal(summary.timedOut, 50);
      assert.equal(summary.unanswered, 0);
      assert.equal(times('responseTimeUs')?.count, 50);
      assertAtLeast(times('responseTimeUs')?.p50Ms, 200);
    }
  });

  test('generator: new connections: one per request, and the server closes none itself', async (t) => {
    const sockets = new Set<unknown>();
    const headers = new Set<string | undefined>();
    const port = await serve(t, (req, res) => {
      sockets.add(req.socket);
      headers.add(req.headers.connection);
      clock.after(20, () => ok(res));
    });
    const { summary, times } = await run(createLoadPlan(port, { connection: fresh }));
    assert.deepEqual(summary.errors, {});
    assert.equal(sockets.size, 50);
    assert.deepEqual([...headers], ['close']);
    const [connected, admitted, answered] = [
      times('connectTimeUs'),
      times('admissionTimeUs'),
      times('responseTimeUs'),
    ];
    assert.deepEqual([connected?.count, admitted?.count, answered?.count], [50, 50, 50]);
    assertAtLeast(admitted?.p50Ms, 20);
    assertAtLeast(answered?.p50Ms, admitted?.p50Ms);
    assert.equal(summary.waitedForConnection, 0);
  });

  test('generator: several bodies: sent in turn, as JSON, and none in the result', async (t) => {
    const arrived: string[] = [];
    const port = await serveOpened(t, (req, res) => {
      let text = `${req.method} ${req.headers['content-type']} `;
      req.on('data', (chunk) => {
        text += chunk;
      });
      req.on('end', () => {
        arrived.push(text);
        ok(res);
      });
    });
    const bodies = ['{"name":"é"}', '[2]', '{}'];
    // One connection keeps the order.
    const connection = { kind: 'kept', connections: 1 } as const;
    const stream = { method: 'POST', bodies, connection } as const;
    const { summary, plan } = await run(createLoadPlan(port, stream, { measureMs: 70 }));
    assert.deepEqual(summary.errors, {});
    assert.deepEqual(
      arrived,
      [0, 1, 2, 0, 1, 2, 0].map((body) => `POST application/json ${bodies[body]}`),
    );
    assert.equal('bodies' in plan, false);
  });

  test('generator: server that says what its calls take: kept beside the times', async (t) => {
    const port = await serveOpened(t, (req, res) => {
      if (req.url === '/compute') res.setHeader('server-timing', 'queue;dur=3, compute;dur=12.5');
      ok(res);
    });
    const told = await run(createLoadPlan(port, { path: '/compute' }));
    const task = told.times('taskTimeUs');
    assert.equal(task?.count, 50);
    assert.ok(Math.abs(task.p50Ms - 12.5) <= 0.0125, `${task.p50Ms}`);
    assert.equal(task.maxMs, task.p50Ms);
    const untold = await run(createLoadPlan(port, {}, { measureMs: 100 }));
    assert.equal(untold.times('taskTimeUs'), undefined);
  });

  test('generator: in a process of its own: hands a valid result back and is gone', async (t) => {
    const port = await serve(t, (_req, res) => ok(res));
    const result = await runGenerator(createLoadPlan(port), inOwnProcess());
    // By a clock of its own, on which a busy machine may keep it from sending.
    assert.equal(result.selfCheck.scheduled, 50);
    assert.equal(typeof result.selfCheck.isRealTime, 'boolean');
    assert.equal(result.streams[0]?.blocks.length, 1);
  });

  test('generator: aborted: its process is stopped and the reason is handed on', async (t) => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const port = await serve(t, (req, res) => {
      ok(res);
      if (req.url !== openingPath) stop.abort(reason);
    });
    const plan = createLoadPlan(port, {}, { measureMs: 60_000 });
    await assert.rejects(runGenerator(plan, inOwnProcess(stop.signal)), reason);
  });

  test('generator: aborted while a target lets the opening wait: its process is stopped', async (t) => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const port = await serve(t, () => stop.abort(reason));
    await assert.rejects(runGenerator(createLoadPlan(port), inOwnProcess(stop.signal)), reason);
  });

  test('generator: connections that do not fit the schedule: refused in one line', async () => {
    const users = { kind: 'virtual-users', users: 2, thinkTimeMs: 10 } as const;
    const onDemand = createLoadPlan(1, { connection: { kind: 'on-demand' } });
    await assert.rejects(
      runGenerator(onDemand, inOwnProcess()),
      isFailure(
        'the load generator failed: users: only virtual users open connections on demand: a schedule sends on kept or on new ones',
      ),
    );
    const { error } = loadPlanSchema.safeParse(createLoadPlan(1, { schedule: users }));
    assert.deepEqual(
      error?.issues.map(({ message, path }) => [path, message]),
      [[['streams', 0], 'users: virtual users have no bounded connections: on demand or new ones']],
    );
    const fitting = createLoadPlan(1, { schedule: users, connection: { kind: 'on-demand' } });
    assert.equal(loadPlanSchema.safeParse(fitting).success, true);
  });
});

function isFailure(message: string) {
  return (error: unknown) => {
    assert.ok(error instanceof LabError, String(error));
    assert.deepEqual([error.exitCode, error.message], [3, message]);
    return true;
  };
}

test('self check: limits: a reason for each that is missed, none at the limits', () => {
  const good = {
    scheduled: 100,
    sent: 99,
    lagP99Ms: 10,
    eventLoopUtilization: 0.8,
    isRealTime: false,
    ownErrors: {},
  };
  assert.deepEqual(judgeSelfCheck(good), []);
  const bad = {
    ...good,
    sent: 98,
    lagP99Ms: 11,
    eventLoopUtilization: 0.9,
    ownErrors: { EMFILE: 3 },
  };
  assert.deepEqual(judgeSelfCheck(bad), [
    { code: 'GENERATOR_LATE', value: 11, limit: 10 },
    { code: 'GENERATOR_BUSY', value: 0.9, limit: 0.8 },
    { code: 'SCHEDULE_NOT_SENT', value: 0.98, limit: 0.99 },
    { code: 'GENERATOR_ERROR', value: 3, limit: 0, detail: 'EMFILE' },
  ]);
});
