import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as loopTurn } from 'node:timers/promises';
import { createPoolRunner } from '../src/compute/pool-runner.ts';
import type { ComputeRunner } from '../src/compute/runner.ts';
import { faults } from './fixtures/faulty-compute.ts';
import { createTestPool, faultyModuleUrl, until } from './helpers/pool.ts';

const never = new AbortController().signal;

const hasCode = (code: string) => (error: unknown) => (error as { code?: string }).code === code;
const threadIds = (runner: ComputeRunner) =>
  runner
    .state()
    .workers.map(({ threadId }) => threadId)
    .sort();

describe('pool runner', () => {
  test('the sum: known answers', async (t) => {
    const runner = await createTestPool(t);
    for (const [n, total] of [
      [1, 0],
      [2, 1],
      [65_536, 2_147_450_880],
      [65_537, 2_147_516_416],
      [10_000_000, 49_999_995_000_000],
    ] as const) {
      assert.equal((await runner.run({ n }, never)).outputJson, String(total));
    }
  });

  test('the largest n: the sum is exact', async (t) => {
    const runner = await createTestPool(t);
    const { outputJson } = await runner.run({ n: 134_217_728 }, never);
    const exact = (134_217_728n * 134_217_727n) / 2n;
    assert.equal(outputJson, String(exact));
  });

  test('several threads: as many tasks run at the same time', async (t) => {
    const runner = await createTestPool(t, { threads: 3, moduleUrl: faultyModuleUrl });
    const clients = Array.from({ length: 4 }, () => new AbortController());
    const runs = clients.map(({ signal }) => runner.run({ n: faults.waitsForTheFlag }, signal));
    assert.equal(runner.state().inFlight, 3);
    assert.equal(runner.state().waiting, 1);
    for (const client of clients) client.abort(new Error('gone'));
    for (const run of runs) await assert.rejects(run, { message: 'gone' });
  });

  for (const fault of ['throws', 'exits', 'runsOutOfMemory'] as const) {
    test(`task ${fault}: fails its own request alone, and the pool is whole again`, async (t) => {
      const runner = await createTestPool(t, { threads: 2, moduleUrl: faultyModuleUrl });
      const broken = runner.run({ n: faults[fault] }, never);
      const others = Array.from({ length: 8 }, () => runner.run({ n: faults.none }, never));
      await assert.rejects(broken, hasCode('WORKER_FAILED'));
      assert.deepEqual(
        (await Promise.all(others)).map(({ outputJson }) => outputJson),
        new Array(8).fill(String(faults.none)),
      );
      await until(() => threadIds(runner).length === 2);
      const both = [runner.run({ n: faults.none }, never), runner.run({ n: faults.none }, never)];
      assert.equal((await Promise.all(both)).length, 2);
    });
  }

  for (const fault of ['ignoresTheFlag', 'staysPending'] as const) {
    test(`task ${fault}: is killed after its deadline, and the pool is whole again`, async (t) => {
      const runner = await createTestPool(t, {
        threads: 2,
        moduleUrl: faultyModuleUrl,
        timeoutMs: 50,
      });
      const before = threadIds(runner);
      await assert.rejects(runner.run({ n: faults[fault] }, never), hasCode('COMPUTE_TIMEOUT'));
      await until(() => threadIds(runner).length === 2 && runner.state().workersReplaced === 1);
      assert.notDeepEqual(threadIds(runner), before);
      // The deadline is short enough for a busy machine to miss it with any task.
      await until(() =>
        runner.run({ n: faults.none }, never).then(
          ({ outputJson }) => outputJson === String(faults.none),
          () => false,
        ),
      );
    });
  }

  test('deadline of a task that looks at the flag: times out, and its thread lives on', async (t) => {
    const runner = await createTestPool(t, { timeoutMs: 1000 });
    const before = threadIds(runner);
    // So that however long the thread takes to look, the time to kill it does not come.
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const run = runner.run({ n: 134_217_728 }, never);
    await loopTurn();
    t.mock.timers.tick(1000);
    await assert.rejects(run, hasCode('COMPUTE_TIMEOUT'));
    assert.deepEqual(threadIds(runner), before);
    assert.equal(runner.state().workersReplaced, 0);
  });

  test('client gone while its task runs: the task stops, and its thread lives on', async (t) => {
    const runner = await createTestPool(t, { moduleUrl: faultyModuleUrl });
    const before = threadIds(runner);
    const client = new AbortController();
    const run = runner.run({ n: faults.waitsForTheFlag }, client.signal);
    client.abort(new Error('gone'));
    await assert.rejects(run, { message: 'gone' });
    assert.deepEqual(threadIds(runner), before);
    assert.equal((await runner.run({ n: faults.none }, never)).outputJson, String(faults.none));
  });

  test('client gone while its task waits: the task never runs', async (t) => {
    const runner = await createTestPool(t, { moduleUrl: faultyModuleUrl });
    const [running, waiting] = [new AbortController(), new AbortController()];
    const first = runner.run({ n: faults.waitsForTheFlag }, running.signal);
    // Would end the thread if it ever started.
    const second = runner.run({ n: faults.exits }, waiting.signal);
    waiting.abort(new Error('gone'));
    running.abort(new Error('gone'));
    await assert.rejects(first, { message: 'gone' });
    await assert.rejects(second, { message: 'gone' });
    assert.equal((await runner.run({ n: faults.none }, never)).outputJson, String(faults.none));
    assert.equal(runner.state().workersReplaced, 0);
  });

  test('signal on every task: the queue is still bounded and in order (piscina alone is neither)', async (t) => {
    const runner = await createTestPool(t, { queueMax: 5 });
    const order: number[] = [];
    const runs = Array.from({ length: 20 }, (_, index) =>
      runner.run({ n: 1000 }, new AbortController().signal).then(
        () => order.push(index),
        (error: { code: string }) => error.code,
      ),
    );
    const ends = await Promise.all(runs);
    assert.deepEqual(order, [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(ends.slice(6), new Array(14).fill('QUEUE_FULL'));
  });

  test('close: runs and queued tasks finish, new ones are refused (piscina.close() would kill them)', async (t) => {
    const runner = await createTestPool(t, { threads: 2 });
    const runs = [20_000_000, 60_000_000, 1000, 1000].map((n) => runner.run({ n }, never));
    const closed = runner.close();
    await assert.rejects(runner.run({ n: 1 }, never), hasCode('SHUTTING_DOWN'));
    assert.equal((await Promise.all(runs)).length, 4);
    await closed;
    assert.equal(runner.state().workers.length, 0);
  });

  test('20 closed-loop clients on one thread: are served equally often', async (t) => {
    const runner = await createTestPool(t);
    const tasksInAll = 2000;
    let started = 0;
    const served = new Array<number>(20).fill(0);
    const clients = served.map(async (_, client) => {
      const { signal } = new AbortController();
      while (started++ < tasksInAll) {
        await runner.run({ n: 20_000 }, signal);
        served[client] = (served[client] ?? 0) + 1;
      }
    });
    await Promise.all(clients);
    const ratio = Math.max(...served) / Math.min(...served);
    assert.ok(ratio <= 1.1, `most served ÷ least served is ${ratio}: ${served.join(' ')}`);
  });

  test('module that does not load: start is refused with the reason', async () => {
    const moduleUrl = new URL('./fixtures/unloadable-compute.mjs', import.meta.url).href;
    const start = createPoolRunner({
      moduleUrl,
      threads: 2,
      nice: 0,
      heapMaxMb: 64,
      queueMax: 1,
      maxWaitMs: 1000,
      timeoutMs: 1000,
      onWorkerError: () => {},
    });
    await assert.rejects(start, /this module does not load/);
  });
});
