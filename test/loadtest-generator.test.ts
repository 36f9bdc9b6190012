import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import { summarizeStream } from '../loadtest/analysis/summarize-stream.ts';
import type { LoadPlan, StreamPlan } from '../loadtest/generator/load-plan.ts';
import { runGenerator } from '../loadtest/generator/run-generator.ts';
import { runLoad } from '../loadtest/generator/run-load.ts';
import { judgeSelfCheck } from '../loadtest/generator/self-check.ts';
import { pickBaseEnvironment } from '../loadtest/process/base-environment.ts';
import { LabClock } from './helpers/lab-clock.ts';
import { findClosedPort, ok, serve, serveTcp } from './helpers/lab-servers.ts';

const clock = new LabClock();

function plan(
  port: number,
  stream: Partial<StreamPlan> = {},
  times: Partial<LoadPlan> = {},
): LoadPlan {
  return {
    port,
    warmupMs: 100,
    measureMs: 1000,
    drainMs: 5000,
    blockMs: 500,
    streams: [
      {
        name: 'users',
        method: 'GET',
        path: '/users',
        connection: 'keep-alive',
        timeoutMs: 10_000,
        schedule: { kind: 'constant', arrivalRatePerSec: 100, phaseMs: 0 },
        ...stream,
      },
    ],
    ...times,
  };
}

async function run(loadPlan: LoadPlan) {
  const result = await runLoad(loadPlan, clock);
  const [stream] = result.streams;
  assert.ok(stream);
  return { ...result, summary: summarizeStream(stream, loadPlan.measureMs), blocks: stream.blocks };
}

// Concurrent, because each of them mostly waits.
describe('generator', { concurrency: 4 }, () => {
  test('generator: server with a constant delay: every request sent, none faster than the delay', async (t) => {
    const port = await serve(t, (_req, res) => clock.after(50, () => ok(res)));
    const { summary, selfCheck, blocks } = await run(plan(port));
    assert.equal(selfCheck.scheduled, 100);
    assert.equal(selfCheck.sent, 100);
    assert.deepEqual(summary.errors, {});
    assert.equal(summary.responseTime?.count, 100);
    assert.ok(summary.responseTime.p50Ms >= 50);
    assert.equal(
      blocks.reduce((sum, block) => sum + block.succeeded, 0),
      100,
    );
  });

  test('generator: server with two delays: the percentiles lie where the schedule puts them', async (t) => {
    let count = 0;
    const port = await serve(t, (_req, res) => {
      count += 1;
      clock.after(count % 5 === 0 ? 600 : 20, () => ok(res));
    });
    const { summary } = await run(plan(port));
    assert.ok(summary.responseTime);
    const { p50Ms, p95Ms, p99Ms } = summary.responseTime;
    // A fifth of the answers takes the longer delay, p95 and p99 among them.
    assert.ok(p50Ms >= 20, `${p50Ms}`);
    assert.ok(p95Ms >= 600 && p99Ms >= p95Ms, `${p95Ms} ${p99Ms}`);
  });

  test('generator: server stalls once: requests kept leaving and waited for its end', async (t) => {
    const waiting: ServerResponse[] = [];
    let arrived = 0;
    const port = await serve(t, (_req, res) => {
      arrived += 1;
      if (arrived > 30 && arrived <= 90) {
        waiting.push(res);
        return;
      }
      ok(res);
      if (arrived > 90) for (const one of waiting.splice(0)) ok(one);
    });
    const { summary, selfCheck } = await run(plan(port, {}, { warmupMs: 0 }));
    assert.equal(selfCheck.sent, 100);
    assert.ok(summary.responseTime);
    // 60 of 100 requests are held until another leaves, which is not due before 900 ms. They leave 10 ms apart, so the
    // longest wait is 600 ms, and half of all wait for at least 100 ms. A closed loop would wait for ever. Connections
    // may change the order by one.
    const { p50Ms, p95Ms, maxMs } = summary.responseTime;
    assert.ok(p50Ms >= 100 - 10, `p50 ${p50Ms}`);
    assert.ok(p95Ms >= 550 - 10, `p95 ${p95Ms}`);
    assert.ok(maxMs >= 600 - 10, `max ${maxMs}`);
  });

  test('generator: nobody listens: every request refused, none in the percentiles', async () => {
    const port = await findClosedPort();
    for (const connection of ['keep-alive', 'new'] as const) {
      const { summary, selfCheck } = await run(plan(port, { connection }, { measureMs: 500 }));
      assert.deepEqual(summary.errors, { refused: 50 }, connection);
      assert.equal(summary.responseTime, undefined);
      assert.equal(summary.throughputPerSec, 0);
      assert.deepEqual(selfCheck.ownErrors, {});
    }
  });

  test('generator: server resets connections: counted as reset', async (t) => {
    const port = await serveTcp(t, (socket) => socket.once('data', () => socket.resetAndDestroy()));
    for (const connection of ['keep-alive', 'new'] as const) {
      const { summary } = await run(plan(port, { connection }, { measureMs: 500 }));
      assert.deepEqual(summary.errors, { reset: 50 }, connection);
      assert.equal(summary.responseTime, undefined);
    }
  });

  test('generator: server refuses with a code: counted by status and code', async (t) => {
    const port = await serve(t, (_req, res) => {
      res.writeHead(503, { 'content-type': 'application/json' });
      res.end(JSON.stringify({ success: false, message: 'full', code: 'QUEUE_FULL' }));
    });
    const { summary } = await run(plan(port, {}, { measureMs: 500 }));
    assert.deepEqual(summary.errors, { '503 QUEUE_FULL': 50 });
    assert.equal(summary.responseTime, undefined);
  });

  test('generator: server never answers: every request counts as unanswered at its age', async (t) => {
    const port = await serve(t, () => {});
    const times = { warmupMs: 0, measureMs: 500, drainMs: 300 };
    const { summary, selfCheck } = await run(plan(port, {}, times));
    assert.equal(selfCheck.sent, 50);
    assert.equal(summary.unanswered, 50);
    assert.deepEqual(summary.errors, {});
    assert.equal(summary.responseTime?.count, 50);
    // The first one was meant to leave 800 ms before the end, the last one 310 ms.
    assert.ok(summary.responseTime.maxMs >= 800 * 0.999);
    assert.ok(summary.responseTime.p50Ms >= 500);
  });

  test('generator: server slower than the timeout: counted as timeout, at no less than its timeout', async (t) => {
    const port = await serve(t, () => {});
    for (const connection of ['keep-alive', 'new'] as const) {
      const { summary } = await run(plan(port, { connection, timeoutMs: 200 }, { measureMs: 500 }));
      assert.deepEqual(summary.errors, { timeout: 50 }, connection);
      assert.equal(summary.timedOut, 50);
      assert.equal(summary.unanswered, 0);
      assert.equal(summary.responseTime?.count, 50);
      assert.ok(summary.responseTime.p50Ms >= 200 * 0.999);
    }
  });

  test('generator: kept connections: far fewer connections than requests', async (t) => {
    const sockets = new Set<unknown>();
    const port = await serve(t, (req, res) => {
      sockets.add(req.socket);
      ok(res);
    });
    const { summary } = await run(plan(port));
    assert.equal(summary.responseTime?.count, 100);
    assert.ok(sockets.size < 50, `${sockets.size} connections for 110 requests`);
  });

  test('generator: new connections: one per request, and the server closes none itself', async (t) => {
    const sockets = new Set<unknown>();
    const headers = new Set<string | undefined>();
    const port = await serve(t, (req, res) => {
      sockets.add(req.socket);
      headers.add(req.headers.connection);
      clock.after(20, () => ok(res));
    });
    const { summary } = await run(
      plan(port, { connection: 'new' }, { warmupMs: 0, measureMs: 500 }),
    );
    assert.equal(sockets.size, 50);
    assert.deepEqual([...headers], ['close']);
    assert.ok(summary.connectTime && summary.admissionTime && summary.responseTime);
    assert.ok(summary.admissionTime.p50Ms >= 20);
    assert.ok(summary.responseTime.p50Ms >= summary.admissionTime.p50Ms * 0.999);
  });

  test('generator: POST with a body: the body arrives as JSON', async (t) => {
    const bodies = new Set<string>();
    const port = await serve(t, (req, res) => {
      let text = `${req.method} ${req.headers['content-type']} `;
      req.on('data', (chunk) => {
        text += chunk;
      });
      req.on('end', () => {
        bodies.add(text);
        ok(res);
      });
    });
    const stream = { method: 'POST' as const, body: '{"name":"a"}' };
    const { summary } = await run(plan(port, stream, { measureMs: 500 }));
    assert.deepEqual(summary.errors, {});
    assert.deepEqual([...bodies], ['POST application/json {"name":"a"}']);
  });

  test('generator: in a process of its own: hands a valid result back and is gone', async (t) => {
    const port = await serve(t, (_req, res) => ok(res));
    const result = await runGenerator(plan(port, {}, { measureMs: 500 }), {
      env: pickBaseEnvironment(process.env),
      signal: new AbortController().signal,
    });
    // By a clock of its own, on which a busy machine may keep it from sending.
    assert.equal(result.selfCheck.scheduled, 50);
    assert.equal(result.streams[0]?.blocks.length, 1);
  });

  test('generator: aborted: its process is stopped and the reason is handed on', async (t) => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const port = await serve(t, (_req, res) => {
      ok(res);
      stop.abort(reason);
    });
    const running = runGenerator(plan(port, {}, { measureMs: 60_000 }), {
      env: pickBaseEnvironment(process.env),
      signal: stop.signal,
    });
    await assert.rejects(running, reason);
  });
});

test('self check: limits: a reason for each that is missed, none at the limits', () => {
  const good = { scheduled: 100, sent: 99, lagP99Ms: 10, eventLoopUtilization: 0.8, ownErrors: {} };
  assert.deepEqual(judgeSelfCheck(good), []);
  const bad = {
    scheduled: 100,
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
