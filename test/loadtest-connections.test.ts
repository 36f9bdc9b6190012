import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { runGenerator } from '../loadtest/generator/run-generator.ts';
import { LabError } from '../loadtest/lab-error.ts';
import { pickBaseEnvironment } from '../loadtest/process/base-environment.ts';
import { startTarget } from '../loadtest/target/start-target.ts';
import { createTargetEnvironment } from '../loadtest/target/target-environment.ts';
import { stubServer } from './helpers/lab-processes.ts';
import { findClosedPort, ok, serve, serveTcp } from './helpers/lab-servers.ts';
import {
  assertAtLeast,
  clock,
  createLoadPlan,
  openingPath,
  run,
  runStreams,
  serveOpened,
} from './helpers/load-runs.ts';

/** Long enough for all that follows from one request before the next: the clock goes on by 20 ms a turn at most. */
const intervalMs = 100;

function keep(connections: number) {
  return { kind: 'kept', connections } as const;
}

function every(ms: number) {
  return { kind: 'constant', arrivalRatePerSec: 1000 / ms, phaseMs: 0 } as const;
}

/** One request as a server sees it. */
interface Seen {
  readonly url: string | undefined;
  /** In order of their first requests. */
  readonly connection: number;
}

/** The first requests of so many kept connections. */
function listOpenings(count: number): Seen[] {
  return Array.from({ length: count }, (_, connection) => ({ url: openingPath, connection }));
}

/** A server that writes down what it sees; `answer` is for what is no opening. */
async function watch(
  t: TestContext,
  answer: (req: IncomingMessage, res: ServerResponse) => void = (_req, res) => ok(res),
) {
  const seen: Seen[] = [];
  const connections: Socket[] = [];
  let accepted = 0;
  const port = await serve(
    t,
    (req, res) => {
      const { socket, url } = req;
      if (!connections.includes(socket)) connections.push(socket);
      seen.push({ url, connection: connections.indexOf(socket) });
      if (url === openingPath) ok(res);
      else answer(req, res);
    },
    () => {
      accepted += 1;
    },
  );
  return {
    port,
    seen,
    urlsByConnection: () =>
      connections.map((_, index) =>
        seen.flatMap(({ url, connection }) => (connection === index ? [url] : [])),
      ),
    get accepted() {
      return accepted;
    },
  };
}

const losses: readonly {
  readonly name: string;
  readonly answer: (req: IncomingMessage, res: ServerResponse) => void;
  readonly errors: Record<string, number>;
}[] = [
  {
    name: 'closed with the answer',
    answer: (_req, res) => {
      res.setHeader('connection', 'close');
      ok(res);
    },
    errors: {},
  },
  {
    name: 'closed while idle',
    answer: ({ socket }, res) => {
      ok(res);
      res.once('finish', () => setImmediate(() => socket.end()));
    },
    errors: {},
  },
  {
    name: 'closed in the middle of an answer',
    answer: ({ socket }, res) => {
      res.writeHead(200, { 'content-length': 10 });
      res.write('half', () => socket.end());
    },
    errors: { reset: 5 },
  },
  {
    name: 'reset instead of an answer',
    answer: ({ socket }) => socket.resetAndDestroy(),
    errors: { reset: 5 },
  },
];

/** What a target may do with the first request on a kept connection. */
const openingFaults: Readonly<Record<string, (socket: Socket) => void>> = {
  'closed without an answer': (socket) => socket.end(),
  reset: (socket) => socket.resetAndDestroy(),
  'answered with something else than HTTP': (socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n\r\n'),
  'answered and closed': (socket) =>
    socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'),
};

// Concurrent, because each of them mostly waits.
describe('kept connections', { concurrency: 4 }, () => {
  test('kept connections: more requests than connections: never more than the bound, each opened and answered once before', async (t) => {
    for (const bound of [5, 40]) {
      const server = await watch(t, (_req, res) => clock.after(100, () => ok(res)));
      const { summary } = await run(createLoadPlan(server.port, { connection: keep(bound) }));
      assert.deepEqual(summary.errors, {});
      assert.equal(server.accepted, bound);
      assert.deepEqual(server.seen.slice(0, bound), listOpenings(bound));
      assert.deepEqual(
        server.seen.slice(bound).map(({ url }) => url),
        Array.from({ length: 50 }, () => '/users'),
      );
    }
  });

  test('kept connections: several streams: all are opened before the first request of any', async (t) => {
    const server = await watch(t);
    const plan = createLoadPlan(server.port, { connection: keep(3) }, { measureMs: 200 });
    const [users] = plan.streams;
    assert.ok(users, 'no stream');
    const create = { ...users, name: 'create', path: '/create', connection: keep(2) };
    const { results } = await runStreams({ ...plan, streams: [users, create] });
    assert.deepEqual(
      results.map(({ summary }) => [summary.name, summary.sent, summary.errors]),
      [
        ['users', 20, {}],
        ['create', 20, {}],
      ],
    );
    assert.deepEqual(server.seen.slice(0, 5), listOpenings(5));
    // Each stream has its own.
    const others = server.urlsByConnection().map(([, ...urls]) => [...new Set(urls)]);
    assert.deepEqual(others, [['/users'], ['/users'], ['/users'], ['/create'], ['/create']]);
  });

  test('kept connections: one is free: no request waits, and they take turns', async (t) => {
    const server = await watch(t);
    const stream = { connection: keep(4), schedule: every(intervalMs) };
    const plan = createLoadPlan(server.port, stream, { measureMs: 1000 });
    const { summary, times } = await run(plan);
    assert.equal(summary.sent, 10);
    assert.equal(summary.waitedForConnection, 0);
    assert.equal(times('connectionWaitUs'), undefined);
    const turns = server.seen.slice(4).map(({ connection }) => connection);
    assert.equal(new Set(turns.slice(0, 4)).size, 4);
    assert.deepEqual(turns.slice(4), turns.slice(0, -4));
  });

  test('kept connections: none is free: requests wait in order, which is counted and in their time', async (t) => {
    const order: string[] = [];
    const dueMs = 100;
    const heldMs = 300;
    const port = await serveOpened(t, (req, res) => {
      let body = '';
      req.on('data', (chunk) => {
        body += chunk;
      });
      req.on('end', () => {
        order.push(body);
        // Held until every other request has been sent, and found nothing free.
        if (order.length === 1) clock.after(heldMs, () => ok(res));
        else ok(res);
      });
    });
    const bodies = Array.from({ length: 10 }, (_, index) => `${index}`);
    const stream = { method: 'POST', bodies, connection: keep(1) } as const;
    const { summary, times } = await run(createLoadPlan(port, stream, { measureMs: dueMs }));
    assert.deepEqual(summary.errors, {});
    assert.deepEqual(order, bodies);
    assert.equal(summary.waitedForConnection, 9);
    const [waits, sendToEnd, response] = [
      times('connectionWaitUs'),
      times('sendToEndUs'),
      times('responseTimeUs'),
    ];
    assert.equal(waits?.count, 9);
    assertAtLeast(sendToEnd?.maxMs, heldMs);
    assertAtLeast(waits?.maxMs, heldMs - dueMs);
    assertAtLeast(sendToEnd?.p50Ms, waits?.p50Ms);
    assertAtLeast(response?.p50Ms, sendToEnd?.p50Ms);
  });

  test('kept connections: a wait ends where a connection is free, and not with the answer', async (t) => {
    let arrived = 0;
    const port = await serveOpened(t, (_req, res) => {
      arrived += 1;
      clock.after(arrived === 1 ? 100 : 200, () => ok(res));
    });
    const plan = createLoadPlan(port, { connection: keep(1) }, { measureMs: 20 });
    const { summary, times } = await run(plan);
    assert.deepEqual([summary.sent, summary.waitedForConnection, summary.errors], [2, 1, {}]);
    assertAtLeast(times('sendToEndUs')?.maxMs, (times('connectionWaitUs')?.maxMs ?? 0) + 200);
  });

  test('kept connections: given up while they wait: never sent', async (t) => {
    let opened = 0;
    const sent: string[] = [];
    const port = await serve(t, (req, res) => {
      if (req.url === openingPath) {
        opened += 1;
        // When the first request has been given up, its connection is opened again, and takes that long.
        if (opened === 1) ok(res);
        else clock.after(3 * intervalMs, () => ok(res));
        return;
      }
      req.on('data', (chunk) => sent.push(`${chunk}`));
    });
    const bodies = Array.from({ length: 6 }, (_, index) => `${index}`);
    const stream = {
      method: 'POST',
      bodies,
      connection: keep(1),
      schedule: every(intervalMs),
    } as const;
    const plan = createLoadPlan(port, { ...stream, timeoutMs: intervalMs }, { measureMs: 600 });
    const { summary } = await run(plan);
    assert.deepEqual(summary.errors, { timeout: 6 });
    const [first, second] = sent;
    assert.equal(first, '0');
    assert.ok(second === undefined || Number(second) >= 3, second);
  });

  test('kept connections: given up while they wait: timed out at their age, their wait too', async (t) => {
    const timeoutMs = 150;
    let isOpen = false;
    const port = await serve(t, (_req, res) => {
      // The first opening is the only request that is ever answered.
      if (!isOpen) ok(res);
      isOpen = true;
    });
    const stream = { connection: keep(1), timeoutMs };
    const { summary, times } = await run(createLoadPlan(port, stream, { measureMs: 200 }));
    assert.deepEqual(summary.errors, { timeout: 20 });
    assert.deepEqual([summary.timedOut, summary.unanswered], [20, 0]);
    assert.equal(summary.waitedForConnection, 19);
    for (const [kind, count] of [
      ['connectionWaitUs', 19],
      ['responseTimeUs', 20],
    ] as const) {
      assert.equal(times(kind)?.count, count);
      assertAtLeast(times(kind)?.p50Ms, timeoutMs);
    }
  });

  for (const { name, answer, errors } of losses) {
    test(`kept connections: ${name}: opened and answered again before the next request`, async (t) => {
      const server = await watch(t, answer);
      const stream = { connection: keep(1), schedule: every(intervalMs) };
      const { summary } = await run(createLoadPlan(server.port, stream));
      assert.equal(summary.sent, 5);
      assert.deepEqual(summary.errors, errors);
      // The last one may be opened again before the run ends.
      assert.deepEqual(
        server.urlsByConnection().slice(0, 5),
        Array.from({ length: 5 }, () => [openingPath, '/users']),
      );
      assert.ok(server.accepted <= 6, `${server.accepted}`);
    });
  }

  test('kept connections: closed with the answer while others wait: they get the one that is opened for it', async (t) => {
    const server = await watch(t, (_req, res) => {
      res.setHeader('connection', 'close');
      clock.after(50, () => ok(res));
    });
    const plan = createLoadPlan(server.port, { connection: keep(1) }, { measureMs: 50 });
    const { summary } = await run(plan);
    assert.deepEqual([summary.sent, summary.waitedForConnection, summary.errors], [5, 4, {}]);
    assert.deepEqual(
      server.urlsByConnection().slice(0, 5),
      Array.from({ length: 5 }, () => [openingPath, '/users']),
    );
  });

  test('kept connections: given up at the timeout: no other request is sent on such a connection', async (t) => {
    const server = await watch(t, () => {});
    const { summary } = await run(
      createLoadPlan(server.port, { connection: keep(2), timeoutMs: 60 }),
    );
    assert.deepEqual(summary.errors, { timeout: 50 });
    const urls = server.urlsByConnection();
    assert.ok(urls.length > 2, `${urls.length}`);
    for (const [opening, ...others] of urls) {
      assert.equal(opening, openingPath);
      assert.ok(others.length <= 1 && !others.includes(openingPath), `${others}`);
    }
  });

  for (const [name, onRequest] of Object.entries(openingFaults)) {
    test(`kept connections: opening ${name}: the run fails with one line`, async (t) => {
      const port = await serveTcp(t, (socket) => socket.once('data', () => onRequest(socket)));
      await assert.rejects(run(createLoadPlan(port)), isOpeningFailure());
    });
  }

  test('kept connections: nobody listens: the run fails with one line, from a process of its own too', async () => {
    const plan = createLoadPlan(await findClosedPort());
    await assert.rejects(run(plan), isOpeningFailure(/ECONNREFUSED/));
    const running = runGenerator(plan, {
      env: pickBaseEnvironment(process.env),
      signal: new AbortController().signal,
    });
    await assert.rejects(running, isOpeningFailure(/ECONNREFUSED/, 'the load generator failed: '));
  });

  test('connections that stand and are not accepted: kept ones wait at their age, new ones are connected without an answer', {
    skip: process.platform === 'win32' && 'no process can be stopped on Windows',
  }, async (t) => {
    const target = await startTarget({
      entry: stubServer,
      execPath: process.execPath,
      env: createTargetEnvironment(pickBaseEnvironment(process.env), { STUB_STOP_AFTER: '3' }),
      signal: new AbortController().signal,
      nowMs: () => clock.now(),
    });
    t.after(async () => {
      process.kill(target.pid, 'SIGKILL');
      await target.stop();
    });
    const plan = createLoadPlan(
      target.ready.port,
      { connection: keep(3) },
      { measureMs: 200, drainMs: 300 },
    );
    const [users] = plan.streams;
    assert.ok(users, 'no stream');
    const newcomers = { ...users, name: 'newcomers', connection: { kind: 'new' } } as const;
    const hurried = { ...newcomers, name: 'hurried', timeoutMs: 250 };
    const { results } = await runStreams({ ...plan, streams: [users, newcomers, hurried] });
    assert.deepEqual(
      results.map(({ summary }) => [
        summary.sent,
        summary.unanswered,
        summary.waitedForConnection,
        summary.errors,
      ]),
      [
        [20, 20, 17, {}],
        [20, 20, 0, {}],
        // Not "connect timeout": the kernel has connected them.
        [20, 0, 0, { timeout: 20 }],
      ],
    );
    const [ofUsers, ofNewcomers] = results;
    // The last one was meant to leave 310 ms before the end.
    for (const times of [
      ofUsers?.times('responseTimeUs'),
      ofNewcomers?.times('responseTimeUs'),
      ofNewcomers?.times('admissionTimeUs'),
    ]) {
      assert.equal(times?.count, 20);
      assertAtLeast(times?.p50Ms, 310);
    }
    assert.equal(ofUsers?.times('connectionWaitUs')?.count, 17);
    assert.equal(ofNewcomers?.times('connectTimeUs')?.count, 20);
  });
});

// Not beside others: it has the timers of the whole process.
test('kept connections: opening never answered: the run fails with one line after 20 s', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const port = await serve(t, () => t.mock.timers.tick(20_000));
  await assert.rejects(run(createLoadPlan(port)), isOpeningFailure(/no answer within 20 s$/));
});

function isOpeningFailure(reason = /./, prefix = '') {
  return (error: unknown) => {
    assert.ok(error instanceof LabError, String(error));
    assert.equal(error.exitCode, 3);
    const start = `${prefix}cannot open a kept connection with GET ${openingPath}: `;
    assert.ok(error.message.startsWith(start), error.message);
    assert.match(error.message.slice(start.length), reason);
    assert.doesNotMatch(error.message, /\n/);
    return true;
  };
}
