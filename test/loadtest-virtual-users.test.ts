import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { summarizeStream } from '../loadtest/analysis/summarize-stream.ts';
import type { LoadPlan, StreamPlan } from '../loadtest/generator/load-plan.ts';
import { runGenerator } from '../loadtest/generator/run-generator.ts';
import { runLoad } from '../loadtest/generator/run-load.ts';
import { ThinkingUsers } from '../loadtest/generator/thinking-users.ts';
import { VirtualUsersSender } from '../loadtest/generator/virtual-users.ts';
import { pickBaseEnvironment } from '../loadtest/process/base-environment.ts';
import { findClosedPort, ok, serve, serveTcp } from './helpers/lab-servers.ts';
import { assertAtLeast, clock } from './helpers/load-runs.ts';

const onDemand = { kind: 'on-demand' } as const;
const fresh = { kind: 'new' } as const;

interface Users {
  readonly users: number;
  readonly thinkTimeMs: number;
}

function streamOf(schedule: Users, stream: Partial<StreamPlan> = {}): StreamPlan {
  return {
    name: 'users',
    method: 'GET',
    path: '/users',
    connection: onDemand,
    timeoutMs: 10_000,
    schedule: { kind: 'virtual-users', ...schedule },
    ...stream,
  };
}

function planOf(port: number, stream: StreamPlan, times: Partial<LoadPlan> = {}): LoadPlan {
  const defaults = {
    openingPath: '/health',
    warmupMs: 0,
    measureMs: 1000,
    drainMs: 5000,
    blockMs: 500,
  };
  return { port, ...defaults, streams: [stream], ...times };
}

async function run(port: number, stream: StreamPlan, times: Partial<LoadPlan> = {}) {
  const plan = planOf(port, stream, times);
  const result = await runLoad(plan, clock);
  const [own] = result.streams;
  assert.ok(own, 'no stream');
  return { ...result, summary: summarizeStream([own], plan.measureMs) };
}

/** What a server sees of its clients. */
class Watcher {
  readonly sockets = new Set<unknown>();
  readonly #outstanding = new Map<unknown, number>();
  requests = 0;
  mostOutstanding = 0;
  mostPerConnection = 0;

  /** To be called with every request. */
  watch(req: IncomingMessage, res: ServerResponse): void {
    const { socket } = req;
    this.sockets.add(socket);
    this.requests += 1;
    this.#add(socket, 1);
    const all = [...this.#outstanding.values()];
    this.mostOutstanding = Math.max(
      this.mostOutstanding,
      all.reduce((sum, count) => sum + count, 0),
    );
    this.mostPerConnection = Math.max(this.mostPerConnection, ...all);
    res.once('finish', () => this.#add(socket, -1));
  }

  #add(socket: unknown, change: number): void {
    this.#outstanding.set(socket, (this.#outstanding.get(socket) ?? 0) + change);
  }
}

// Concurrent, because each of them mostly waits.
describe('virtual users', { concurrency: 4 }, () => {
  test('known delay and think time: as many requests as that makes, one connection per user', async (t) => {
    const watcher = new Watcher();
    const port = await serve(t, (req, res) => {
      watcher.watch(req, res);
      clock.after(100, () => ok(res));
    });
    // A request every second: at 0, 1000 and 2000 ms of 2900.
    const schedule = { users: 20, thinkTimeMs: 900 };
    const { summary, selfCheck } = await run(port, streamOf(schedule), { measureMs: 2900 });
    assert.equal(selfCheck.sent, 60);
    assert.equal(selfCheck.scheduled, 60);
    assert.equal(watcher.requests, 60);
    assert.equal(watcher.sockets.size, 20);
    assert.equal(watcher.mostPerConnection, 1);
    assert.ok(watcher.mostOutstanding <= 20, `${watcher.mostOutstanding}`);
    assert.equal(summary.arrivalRatePerSec, undefined);
    assert.equal(summary.unanswered, 0);
    assert.deepEqual(summary.errors, {});
    const { sendToEnd, responseTime } = summary;
    assert.equal(sendToEnd?.count, 60);
    assertAtLeast(sendToEnd?.p50Ms, 100);
    assertAtLeast(responseTime?.p50Ms, sendToEnd?.p50Ms);
  });

  test('all begin at once, and that is no lateness: a server that waits for everybody gets everybody', async (t) => {
    const waiting: ServerResponse[] = [];
    const port = await serve(t, (_req, res) => {
      waiting.push(res);
      // Whoever waited for another one's answer would not be here.
      if (waiting.length === 200) for (const one of waiting) ok(one);
    });
    const schedule = { users: 200, thinkTimeMs: 60_000 };
    const { summary, selfCheck } = await run(port, streamOf(schedule));
    assert.equal(selfCheck.sent, 200);
    assert.equal(summary.sendToEnd?.count, 200);
    assert.equal(summary.unanswered, 0);
    assert.equal(selfCheck.lagP99Ms, 0);
  });

  test('think time: kept between an answer and the next request', async (t) => {
    const answeredAtMs = new Map<unknown, number>();
    const pausesMs: number[] = [];
    const port = await serve(t, (req, res) => {
      const lastMs = answeredAtMs.get(req.socket);
      if (lastMs !== undefined) pausesMs.push(clock.now() - lastMs);
      ok(res);
      answeredAtMs.set(req.socket, clock.now());
    });
    const { selfCheck } = await run(port, streamOf({ users: 5, thinkTimeMs: 100 }));
    assert.equal(selfCheck.sent, pausesMs.length + 5);
    assert.ok(pausesMs.length >= 5, `${pausesMs.length}`);
    const shortestMs = Math.min(...pausesMs);
    assert.ok(shortestMs >= 100, `${shortestMs}`);
  });

  test('server stalls: less is sent, and the stall is seen once per user', async (t) => {
    let stalledUntilMs = 0;
    const port = await serve(t, (_req, res) => {
      stalledUntilMs ||= clock.now() + 600;
      clock.after(stalledUntilMs - clock.now(), () => ok(res));
    });
    const { summary, selfCheck } = await run(port, streamOf({ users: 4, thinkTimeMs: 100 }));
    // One before the stall ends, then no more than fit into what is left; without it there would be ten.
    assert.ok(selfCheck.sent >= 4 && selfCheck.sent <= 4 * 5, `${selfCheck.sent}`);
    assertAtLeast(summary.sendToEnd?.maxMs, 500);
  });

  test('server never answers: one request per user, unanswered at its age', async (t) => {
    const port = await serve(t, () => {});
    const times = { measureMs: 300, drainMs: 200 };
    const { summary } = await run(port, streamOf({ users: 8, thinkTimeMs: 0 }), times);
    assert.equal(summary.sent, 8);
    assert.equal(summary.unanswered, 8);
    assert.deepEqual(summary.errors, {});
    assertAtLeast(summary.sendToEnd?.p50Ms, 300);
  });

  test('nobody listens: refused, and users try again after thinking', async () => {
    const port = await findClosedPort();
    for (const connection of [onDemand, fresh]) {
      const stream = streamOf({ users: 3, thinkTimeMs: 100 }, { connection });
      const { summary, selfCheck } = await run(port, stream, { measureMs: 450 });
      const { sent } = selfCheck;
      assert.ok(sent > 3 && sent <= 3 * 5, `${sent}`);
      assert.deepEqual(summary.errors, { refused: sent }, connection.kind);
      assert.equal(summary.sendToEnd, undefined);
      assert.deepEqual(selfCheck.ownErrors, {});
    }
  });

  test('server resets connections: counted as reset, and users connect again', async (t) => {
    let connections = 0;
    const port = await serveTcp(t, (socket) => {
      connections += 1;
      socket.once('data', () => socket.resetAndDestroy());
    });
    const stream = streamOf({ users: 3, thinkTimeMs: 100 });
    const { summary, selfCheck } = await run(port, stream, { measureMs: 450 });
    assert.ok(selfCheck.sent > 3, `${selfCheck.sent}`);
    assert.deepEqual(summary.errors, { reset: selfCheck.sent });
    assert.equal(connections, selfCheck.sent);
  });

  test('server closes connections after its answer: nothing fails, users connect again', async (t) => {
    const watcher = new Watcher();
    const port = await serve(t, (req, res) => {
      watcher.watch(req, res);
      res.setHeader('connection', 'close');
      ok(res);
    });
    const { summary, selfCheck } = await run(port, streamOf({ users: 3, thinkTimeMs: 100 }));
    assert.ok(selfCheck.sent > 3, `${selfCheck.sent}`);
    assert.deepEqual(summary.errors, {});
    assert.equal(watcher.sockets.size, selfCheck.sent);
  });

  test('server refuses with a code: counted by status and code', async (t) => {
    const port = await serve(t, (_req, res) => {
      res.writeHead(503, { 'content-type': 'application/json' });
      res.end(JSON.stringify({ success: false, message: 'full', code: 'QUEUE_FULL' }));
    });
    const { summary, selfCheck } = await run(port, streamOf({ users: 3, thinkTimeMs: 100 }));
    assert.ok(selfCheck.sent > 3, `${selfCheck.sent}`);
    assert.deepEqual(summary.errors, { '503 QUEUE_FULL': selfCheck.sent });
  });

  test('server slower than the timeout: given up at it, then on a connection that is new', async (t) => {
    for (const connection of [onDemand, fresh]) {
      const watcher = new Watcher();
      const port = await serve(t, (req, res) => watcher.watch(req, res));
      const stream = streamOf({ users: 4, thinkTimeMs: 100 }, { connection, timeoutMs: 150 });
      const { summary, selfCheck } = await run(port, stream, { measureMs: 650 });
      const { sent } = selfCheck;
      // A request every 250 ms, at the earliest.
      assert.ok(sent > 4 && sent <= 4 * 3, `${sent}`);
      assert.deepEqual(summary.errors, { timeout: sent }, connection.kind);
      assert.equal(summary.timedOut, sent);
      assert.equal(summary.unanswered, 0);
      assertAtLeast(summary.sendToEnd?.p50Ms, 150);
      assert.equal(watcher.mostPerConnection, 1);
      assert.ok(watcher.sockets.size > 4, `${watcher.sockets.size}`);
    }
  });

  test('new connections: one per request, with the times of connecting and of the first byte', async (t) => {
    const watcher = new Watcher();
    const headers = new Set<string | undefined>();
    const port = await serve(t, (req, res) => {
      watcher.watch(req, res);
      headers.add(req.headers.connection);
      clock.after(20, () => ok(res));
    });
    const stream = streamOf({ users: 4, thinkTimeMs: 100 }, { connection: fresh });
    const { summary, selfCheck } = await run(port, stream);
    assert.ok(selfCheck.sent > 4, `${selfCheck.sent}`);
    assert.equal(watcher.sockets.size, selfCheck.sent);
    assert.ok(watcher.mostOutstanding <= 4, `${watcher.mostOutstanding}`);
    assert.deepEqual([...headers], ['close']);
    assert.equal(summary.connectTime?.count, selfCheck.sent);
    assertAtLeast(summary.admissionTime?.p50Ms, 20);
  });

  test('in the background: they go on while others wait, and no longer', async (t) => {
    for (const isBackground of [true, false]) {
      let computed = 0;
      let release = () => {};
      const port = await serve(t, (req, res) => {
        if (req.url === '/health') {
          release = () => ok(res);
          return;
        }
        computed += 1;
        ok(res);
        if (computed === 8) release();
      });
      // Five computations fit into the window at most, and the newcomer's answer takes the eighth.
      const compute = {
        ...streamOf({ users: 1, thinkTimeMs: 50 }, { name: 'compute', path: '/compute' }),
        schedule: { kind: 'virtual-users' as const, users: 1, thinkTimeMs: 50, isBackground },
      };
      const newcomer: StreamPlan = {
        ...streamOf(
          { users: 1, thinkTimeMs: 0 },
          { name: 'health', path: '/health', connection: fresh },
        ),
        schedule: { kind: 'constant', arrivalRatePerSec: 1, phaseMs: 0 },
      };
      const plan = planOf(port, compute, {
        streams: [compute, newcomer],
        measureMs: 250,
        drainMs: isBackground ? 10_000 : 500,
      });
      const { streams } = await runLoad(plan, clock);
      const [ofCompute, ofHealth] = streams.map((stream) => summarizeStream([stream], 250));
      assert.ok(ofCompute && ofHealth, 'no streams');
      assert.equal(ofHealth.unanswered, isBackground ? 0 : 1);
      assert.ok(ofCompute.sent <= 5, `${ofCompute.sent}`);
      assert.equal(ofCompute.unanswered, 0);
      // The answer that releases the newcomer may be read after one more has left.
      if (isBackground) assert.ok(computed === 8 || computed === 9, `${computed}`);
      else assert.equal(computed, ofCompute.sent);
    }
  });

  test('more requests than there is room for: said in one clear line', async () => {
    const port = await findClosedPort();
    let nowMs = 0;
    // Room for one: nothing is to be sent after the beginning.
    const plan = streamOf({ users: 1, thinkTimeMs: 1 }, { name: 'compute' });
    const schedule = { kind: 'virtual-users' as const, users: 1, thinkTimeMs: 1 };
    const sender = new VirtualUsersSender(
      { ...plan, schedule: { ...schedule, isBackground: true } },
      { host: '127.0.0.1', port, stream: plan, openingPath: '/' },
      { durationMs: 0, drainMs: 0 },
      () => nowMs,
    );
    sender.sendDue(nowMs, true);
    while (sender.outstanding > 0) await delay(1);
    nowMs = 10;
    assert.throws(() => sender.sendDue(nowMs, true), /^RangeError: compute: more than 1 requests/);
    sender.finish(nowMs);

    const endless = planOf(port, streamOf({ users: 10_000, thinkTimeMs: 1 }));
    await assert.rejects(
      runGenerator(endless, {
        env: pickBaseEnvironment(process.env),
        signal: new AbortController().signal,
      }),
      /^LabError: the load generator failed: a plan may hold at most 2000000 requests[^\n]*$/,
    );
  });
});

test('thinking users: any order of events: awake in order, each once, and not before its time', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 0, max: 20 }),
      fc.array(fc.integer({ min: 0, max: 10 }), { maxLength: 80 }),
      (users, thinkTimeMs, stepsMs) => {
        const thinking = new ThinkingUsers(users, thinkTimeMs);
        const model: { user: number; sinceMs: number }[] = [];
        const free = Array.from({ length: users }, (_, user) => user);
        let nowMs = 0;
        for (const stepMs of stepsMs) {
          nowMs += stepMs;
          const user = free.shift();
          if (user !== undefined) {
            thinking.begin(user, nowMs);
            model.push({ user, sinceMs: nowMs + thinkTimeMs });
          }
          const isAwake = (model[0]?.sinceMs ?? Number.POSITIVE_INFINITY) <= nowMs;
          const expected = isAwake ? model.shift() : undefined;
          assert.deepEqual(thinking.takeAwake(nowMs), expected);
          if (expected !== undefined) free.push(expected.user);
        }
      },
    ),
  );
});
