import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as loopTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { Gate, type GateOptions, type Permit } from '../src/compute/gate.ts';

const never = new AbortController().signal;

function createGate(options: Partial<GateOptions> = {}) {
  const clock = { ms: 0 };
  const gate = new Gate({
    slots: 1,
    queueMax: 100,
    maxWaitMs: 60_000,
    now: () => clock.ms,
    ...options,
  });
  return { gate, clock };
}

const hasCode = (code: string) => (error: unknown) => (error as { code?: string }).code === code;

test('Gate: 12 callers on one slot: are served in the order they came', async () => {
  const { gate } = createGate();
  const served: number[] = [];
  const callers = Array.from({ length: 12 }, async (_, caller) => {
    const permit = await gate.acquire(never);
    served.push(caller);
    await loopTurn();
    permit.release();
  });
  await Promise.all(callers);
  assert.deepEqual(served, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

test('Gate: more callers than places: exactly slots + queueMax get in, all the others are refused at once', async () => {
  const { gate } = createGate({ slots: 3, queueMax: 4 });
  const permits: Permit[] = [];
  const outcomes = Array.from({ length: 20 }, () =>
    gate.acquire(never).then(
      (permit) => {
        permits.push(permit);
        return 'in';
      },
      (error: { code: string }) => error.code,
    ),
  );
  const refused = await Promise.all(outcomes.slice(7));
  assert.deepEqual(new Set(refused), new Set(['QUEUE_FULL']));
  assert.equal(gate.inFlight, 3);
  assert.equal(gate.waiting, 4);
  for (const permit of permits) permit.release();
  await loopTurn();
  for (const permit of permits) permit.release();
  await loopTurn();
  for (const permit of permits) permit.release();
  assert.deepEqual(await Promise.all(outcomes.slice(0, 7)), new Array(7).fill('in'));
});

test('Gate: queueMax 0: serves what it has slots for and lets nobody wait', async () => {
  const { gate } = createGate({ queueMax: 0 });
  const permit = await gate.acquire(never);
  await assert.rejects(gate.acquire(never), hasCode('QUEUE_FULL'));
  permit.release();
  (await gate.acquire(never)).release();
});

test('Gate: predicted wait beyond the limit: refuses with the wait rounded up in Retry-After', async () => {
  const { gate, clock } = createGate({ maxWaitMs: 3000 });
  const first = await gate.acquire(never);
  clock.ms = 2000;
  first.release();
  // From here a task is taken to last 2,000 ms: one waiter means 2 s for the next, two mean 4 s.
  const running = await gate.acquire(never);
  const waiter = gate.acquire(never);
  const second = gate.acquire(never);
  await assert.rejects(gate.acquire(never), (error: { code: string; headers: object }) => {
    assert.equal(error.code, 'WAIT_TOO_LONG');
    assert.deepEqual(error.headers, { 'Retry-After': '4' });
    return true;
  });
  running.release();
  (await waiter).release();
  (await second).release();
});

test('Gate: waited as long as allowed: is refused then, and whoever came later keeps waiting', async () => {
  const { gate, clock } = createGate({ maxWaitMs: 30 });
  const running = await gate.acquire(never);
  const early = gate.acquire(never);
  clock.ms = 20;
  const late = gate.acquire(never);
  clock.ms = 31;
  await assert.rejects(early, hasCode('WAIT_TOO_LONG'));
  assert.equal(gate.waiting, 1);
  running.release();
  assert.equal((await late).queueWaitMs, 11);
});

test('Gate: slot freed after the limit had passed: the caller is refused and not served late', async () => {
  const { gate, clock } = createGate({ maxWaitMs: 1000 });
  const running = await gate.acquire(never);
  const waiter = gate.acquire(never);
  clock.ms = 1001;
  running.release();
  await assert.rejects(waiter, hasCode('WAIT_TOO_LONG'));
  assert.equal(gate.inFlight, 0);
});

test('Gate: caller gives up while it waits: leaves the queue at once with its own reason', async () => {
  const { gate } = createGate({ queueMax: 1 });
  const running = await gate.acquire(never);
  const client = new AbortController();
  const waiter = gate.acquire(client.signal);
  client.abort(new Error('gone'));
  assert.equal(gate.waiting, 0);
  await assert.rejects(waiter, { message: 'gone' });
  const next = gate.acquire(never);
  running.release();
  (await next).release();
});

test('Gate: caller had given up before it asked: gets no permit', async () => {
  const { gate } = createGate();
  await assert.rejects(gate.acquire(AbortSignal.abort(new Error('gone'))), { message: 'gone' });
  assert.equal(gate.inFlight, 0);
});

test('Gate: permit given back twice: counts once', async () => {
  const { gate } = createGate();
  const permit = await gate.acquire(never);
  permit.release();
  permit.release();
  assert.equal(gate.inFlight, 0);
  await gate.acquire(never);
  assert.equal(gate.inFlight, 1);
});

test('Gate: closed: refuses newcomers, serves those who wait, then is idle', async () => {
  const { gate } = createGate();
  const running = await gate.acquire(never);
  const waiter = gate.acquire(never);
  gate.close();
  await assert.rejects(gate.acquire(never), hasCode('SHUTTING_DOWN'));
  let idle = false;
  const whenIdle = gate.idle().then(() => {
    idle = true;
  });
  running.release();
  const last = await waiter;
  await loopTurn();
  assert.equal(idle, false);
  last.release();
  await whenIdle;
});

type Step = { do: 'arrive' } | { do: 'finish' } | { do: 'leave'; which: number } | { do: 'wait' };

test('Gate: any order of arrivals, ends and departures: never too many inside, strictly first come first served, none forgotten', async () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 4, arbitrary: fc.constant({ do: 'arrive' as const }) },
    { weight: 3, arbitrary: fc.constant({ do: 'finish' as const }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), which: fc.nat(30) }) },
    { weight: 1, arbitrary: fc.constant({ do: 'wait' as const }) },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 80 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 6 }),
      async (steps, slots, queueMax) => {
        const { gate, clock } = createGate({ slots, queueMax, maxWaitMs: 1000 });
        // The model: who waits and who is inside, by number, and when each came.
        let waiting: { id: number; atMs: number }[] = [];
        const inside: number[] = [];
        const permits = new Map<number, Permit>();
        const clients: AbortController[] = [];
        const refusals = new Map<number, string>();
        const expire = () => {
          waiting = waiting.filter(({ atMs }) => atMs + 1000 > clock.ms);
        };
        for (const action of steps) {
          if (action.do === 'wait') clock.ms += 300;
          else if (action.do === 'arrive') {
            const id = clients.length;
            const client = new AbortController();
            clients.push(client);
            gate.acquire(client.signal).then(
              (permit) => permits.set(id, permit),
              (error: { code?: string }) => refusals.set(id, error.code ?? 'gone'),
            );
            if (inside.length < slots) inside.push(id);
            else if (waiting.length < queueMax && gate.waiting > waiting.length)
              waiting.push({ id, atMs: clock.ms });
          } else if (action.do === 'finish') {
            const id = inside.shift();
            if (id !== undefined) {
              permits.get(id)?.release();
              expire();
              const next = waiting.shift();
              if (next !== undefined) inside.push(next.id);
            }
          } else {
            clients[action.which]?.abort();
            waiting = waiting.filter(({ id }) => id !== action.which);
          }
          await loopTurn();
          assert.ok(gate.inFlight <= slots);
          assert.ok(gate.waiting <= queueMax);
          assert.equal(gate.inFlight, inside.length);
          assert.deepEqual(
            [...inside].filter((id) => !permits.has(id)),
            [],
          );
        }
        while (inside.length > 0) {
          permits.get(inside.shift() as number)?.release();
          expire();
          const next = waiting.shift();
          if (next !== undefined) inside.push(next.id);
          await loopTurn();
        }
        assert.equal(gate.inFlight, 0);
        assert.equal(gate.waiting, 0);
        // Everyone was either let in or told why not.
        assert.equal(permits.size + refusals.size, clients.length);
      },
    ),
    { numRuns: 150 },
  );
});
