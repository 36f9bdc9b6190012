/**
 * What piscina does today, pinned.
 *
 * `src/compute/gate.ts` queues in front of piscina, hands it no more tasks than it has threads, and
 * the server never calls `pool.close()`, because of the five findings F1–F5 below. None of them is
 * what anyone wants, so a failing F test is good news: an upgrade changed that behaviour, and the
 * workaround named in the failure may be able to go. The other tests pin what the pool runner relies
 * on; a failure there means the upgrade must not go in as it is.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Piscina } from 'piscina';

const tasks = new URL('./fixtures/piscina-tasks.mjs', import.meta.url).href;

type PoolOptions = NonNullable<ConstructorParameters<typeof Piscina>[0]>;

function createPool(t: TestContext, threads: number, options: PoolOptions = {}): Piscina {
  const pool = new Piscina({
    filename: tasks,
    minThreads: threads,
    maxThreads: threads,
    atomics: 'disabled',
    execArgv: [],
    ...options,
  });
  pool.on('error', () => {});
  t.after(() => pool.destroy());
  return pool;
}

/** A task that runs until `release()`. `started` resolves once it occupies a thread. */
function startHeld(
  pool: Piscina,
  id: number,
  { signal, name = 'hold' }: { signal?: AbortSignal; name?: 'hold' | 'spin' } = {},
) {
  const release = new Int32Array(new SharedArrayBuffer(4));
  const started = new Promise<void>((resolve) => {
    pool.on('message', (message: { started: number }) => {
      if (message.started === id) resolve();
    });
  });
  const result: Promise<{ id: number; threadId: number }> = pool.run(
    { id, release },
    signal === undefined ? { name } : { name, signal },
  );
  // Several tests look at the result late; until then a rejection is not unhandled.
  result.catch(() => {});
  return {
    started,
    result,
    release: () => {
      Atomics.store(release, 0, 1);
      Atomics.notify(release, 0);
    },
  };
}

/** 'resolved', the message it was rejected with, or 'pending' when it is still open after `withinMs`. */
async function outcomeOf(promise: Promise<unknown>, withinMs = 60_000): Promise<string> {
  // A timer that keeps the process alive: an idle or broken pool has nothing else that does.
  let timer: NodeJS.Timeout | undefined;
  const pending = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, withinMs, 'pending');
  });
  const settled = promise.then(
    () => 'resolved',
    (error: Error) => error.message,
  );
  const outcome = await Promise.race([settled, pending]);
  clearTimeout(timer);
  return outcome;
}

async function countOutcomes(pool: Piscina, count: number, withSignal: boolean) {
  const held = startHeld(pool, 0);
  const rest = Array.from({ length: count }, () =>
    pool.run(null, {
      name: 'identify',
      ...(withSignal ? { signal: new AbortController().signal } : {}),
    }),
  );
  held.release();
  const settled = await Promise.allSettled(rest);
  return {
    accepted: settled.filter(({ status }) => status === 'fulfilled').length,
    rejected: settled.filter(({ status }) => status === 'rejected').length,
  };
}

async function executionOrder(pool: Piscina, count: number, withSignal: boolean) {
  // The pool's own start rotates its queue once more; a first task gets that out of the way.
  await pool.run(null, { name: 'identify' });
  const order: number[] = [];
  const ids = Array.from({ length: count }, (_, id) => id);
  await Promise.all(
    ids.map(async (id) => {
      const options = withSignal ? { signal: new AbortController().signal } : {};
      await pool.run(null, { name: 'identify', ...options });
      order.push(id);
    }),
  );
  return order;
}

const ascending = Array.from({ length: 12 }, (_, id) => id);

test('F1: piscina: tasks that carry a signal: maxQueue does not bound them', async (t) => {
  const bounded = await countOutcomes(createPool(t, 1, { maxQueue: 2 }), 19, false);
  assert.deepEqual(bounded, { accepted: 2, rejected: 17 });

  const unbounded = await countOutcomes(createPool(t, 1, { maxQueue: 2 }), 19, true);
  assert.deepEqual(
    unbounded,
    { accepted: 19, rejected: 0 },
    'maxQueue now bounds abortable tasks: the gate no longer has to count its own queue',
  );
});

test('F2: piscina: default queue: tasks do not run in the order they came', async (t) => {
  const order = await executionOrder(createPool(t, 1), 12, false);
  assert.deepEqual(
    order,
    [0, 1, 3, 5, 7, 9, 11, 4, 8, 2, 10, 6],
    'the default queue changed its order: if it is FIFO now, stricterFIFO can go',
  );
});

test('F3: piscina: stricterFIFO with signals: the last to come runs first', async (t) => {
  const plain = await executionOrder(createPool(t, 1, { stricterFIFO: true }), 12, false);
  assert.deepEqual(plain, ascending);

  const abortable = await executionOrder(createPool(t, 1, { stricterFIFO: true }), 12, true);
  assert.deepEqual(
    abortable,
    [0, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
    'abortable tasks changed their order: if it is FIFO now, the gate need not queue for order',
  );
});

test('F4: piscina: close() with two busy workers: the slower task is killed', async (t) => {
  const pool = createPool(t, 2);
  const first = startHeld(pool, 1);
  const second = startHeld(pool, 2);
  await Promise.all([first.started, second.started]);

  const closed = pool.close();
  first.release();
  await first.result;
  const outcome = await outcomeOf(second.result);
  second.release();
  await closed;

  assert.equal(
    outcome,
    'Terminating worker thread',
    'close() now waits for running tasks: shutdown may call it instead of draining the gate',
  );
  // And it does not close for good: the next run() brings a worker back.
  assert.equal(typeof (await pool.run(null, { name: 'identify' })), 'number');
});

test('F5: piscina: worker module that cannot load: run() never settles', async (t) => {
  const missing = new URL('./fixtures/no-such-module.mjs', import.meta.url).href;
  const pool = createPool(t, 1, { filename: missing });
  assert.notEqual(await outcomeOf(pool.run(null)), 'pending', 'the first start reports');

  const run = pool.run(null);
  assert.equal(
    await outcomeOf(run, 1000),
    'pending',
    'run() now settles when the module cannot load: the boot canary may do without its deadline',
  );
  assert.equal(pool.threads.length, 0, 'piscina gave up after the second failed start');
  const rejected = assert.rejects(run, { message: 'Terminating worker thread' });
  await pool.destroy();
  await rejected;
});

test('piscina: signal aborted while the task runs: its worker alone dies and is replaced', async (t) => {
  const pool = createPool(t, 2);
  const abort = new AbortController();
  const killed = startHeld(pool, 1, { signal: abort.signal });
  const neighbour = startHeld(pool, 2, { signal: new AbortController().signal });
  await Promise.all([killed.started, neighbour.started]);
  const before = pool.threads.map(({ threadId }) => threadId);

  abort.abort(new Error('too late'));
  await assert.rejects(killed.result, { name: 'AbortError' });
  neighbour.release();
  const { threadId: survivor } = await neighbour.result;

  // Both threads are held at once, so each of the pool's two threads answers exactly once.
  const third = startHeld(pool, 3);
  const fourth = startHeld(pool, 4);
  await Promise.all([third.started, fourth.started]);
  third.release();
  fourth.release();
  const after = (await Promise.all([third.result, fourth.result])).map(({ threadId }) => threadId);
  assert.ok(after.includes(survivor), 'the neighbour keeps its thread');
  assert.equal(after.filter((threadId) => before.includes(threadId)).length, 1);
});

test('piscina: task runs out of memory: it alone rejects, and the next one runs', async (t) => {
  const pool = createPool(t, 1, { resourceLimits: { maxOldGenerationSizeMb: 16 } });
  await assert.rejects(pool.run(null, { name: 'exhaustMemory' }), {
    code: 'ERR_WORKER_OUT_OF_MEMORY',
  });
  assert.equal(typeof (await pool.run(null, { name: 'identify' })), 'number');
});

test('piscina: task exits its thread: it alone rejects, and the pool is whole again', async (t) => {
  const pool = createPool(t, 2);
  const neighbour = startHeld(pool, 1);
  await neighbour.started;
  await assert.rejects(pool.run(7, { name: 'exit' }), { message: 'worker exited with code: 7' });
  neighbour.release();
  await neighbour.result;
  assert.equal(pool.threads.length, 2);
});

test('piscina: task throws: the error arrives without its code', async (t) => {
  const pool = createPool(t, 1);
  const error: unknown = await pool.run(null, { name: 'fail' }).catch((reason: unknown) => reason);
  assert.ok(error instanceof Error);
  assert.equal(error.message, 'task failed');
  assert.equal('code' in error, false, 'codes survive now: tasks could throw instead of answering');
});

test('piscina: atomics: a worker without work reads as idle only when they are disabled', async (t) => {
  const idle = await utilizationWhile(createPool(t, 1), 'idle');
  const busy = await utilizationWhile(createPool(t, 1), 'busy');
  const waiting = await utilizationWhile(createPool(t, 1, { atomics: 'sync' }), 'idle');
  assert.ok(idle < busy / 2, `idle ${idle} is well below busy ${busy}`);
  assert.ok(idle < waiting / 2, `idle ${idle} is well below a worker in Atomics.wait ${waiting}`);
});

/** Event loop utilisation of the pool's only thread over a window in which it does one thing. */
async function utilizationWhile(pool: Piscina, what: 'idle' | 'busy'): Promise<number> {
  await pool.run(null, { name: 'identify' });
  const task = what === 'busy' ? startHeld(pool, 1, { name: 'spin' }) : undefined;
  await task?.started;
  const [thread] = pool.threads;
  assert.ok(thread);
  const before = thread.performance.eventLoopUtilization();
  // Long next to the time that a thread may take to come to rest on a busy machine.
  await delay(1000);
  const { utilization } = thread.performance.eventLoopUtilization(before);
  task?.release();
  await task?.result;
  return utilization;
}
