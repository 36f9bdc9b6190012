import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { resolveStreams } from '../loadtest/experiments/resolve-streams.ts';
import { createSchedule } from '../loadtest/generator/schedule.ts';
import type { StreamTemplate } from '../loadtest/result/experiment-plan.ts';
import { rateOf } from './helpers/open-schedule.ts';

test('schedule: constant rate: known offsets', () => {
  const spec = { kind: 'constant' as const, arrivalRatePerSec: 200, phaseMs: 0 };
  assert.deepEqual([...createSchedule(spec, 20)], [0, 5, 10, 15]);
  assert.deepEqual([...createSchedule({ ...spec, phaseMs: 2.5 }, 20)], [2.5, 7.5, 12.5, 17.5]);
  assert.deepEqual([...createSchedule(spec, 20.1)], [0, 5, 10, 15, 20]);
  assert.deepEqual([...createSchedule({ ...spec, phaseMs: 30 }, 20)], []);
});

test('schedule: a million requests: the last one has not drifted', () => {
  const spec = { kind: 'constant' as const, arrivalRatePerSec: 3000, phaseMs: 0 };
  const offsets = createSchedule(spec, 400_000);
  assert.equal(offsets.length, 1_200_000);
  assert.equal(offsets.at(-1), 1_199_999 * (1000 / 3000));
});

test('schedule: any rate and phase: ascending, within the duration, at the rate', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 10_000, noNaN: true }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.integer({ min: 1, max: 5000 }),
      (arrivalRatePerSec, phase, durationMs) => {
        const phaseMs = phase * (1000 / arrivalRatePerSec);
        const spec = { kind: 'constant' as const, arrivalRatePerSec, phaseMs };
        const offsets = createSchedule(spec, durationMs);
        const expected = (durationMs / 1000) * arrivalRatePerSec;
        assert.ok(Math.abs(offsets.length - expected) <= 1, `${offsets.length}`);
        assert.ok(offsets.every((offset, index) => offset > (offsets[index - 1] ?? -1)));
        assert.ok((offsets.at(-1) ?? 0) <= durationMs);
      },
    ),
  );
});

const common = {
  method: 'GET',
  connection: { kind: 'new' },
  timeoutMs: 1000,
} as const;

const streams: readonly StreamTemplate[] = [
  {
    ...common,
    name: 'users',
    path: '/users',
    arrivals: 'constant',
    arrivalRate: { kind: 'fixed', perSec: 200 },
  },
  {
    ...common,
    name: 'health',
    path: '/health',
    arrivals: 'constant',
    arrivalRate: { kind: 'fixed', perSec: 200 },
  },
  {
    ...common,
    name: 'compute',
    path: '/compute',
    arrivals: 'poisson',
    arrivalRate: { kind: 'offered-load' },
  },
];

/** The schedules of one round, in order of the streams. */
function schedulesOf(seed: number, round: { offeredLoad: number; repetition: number }) {
  return resolveStreams({ streams: [...streams], seed }, round, 10).map(({ schedule }) => schedule);
}

test('streams: offered load: the rate is load ÷ service time, and none without load', () => {
  const plan = { streams: [...streams], seed: 1 };
  const loaded = resolveStreams(plan, { offeredLoad: 1.2, repetition: 1 }, 10);
  assert.deepEqual(
    loaded.map(({ name, schedule }) => [name, rateOf(schedule)]),
    [
      ['users', 200],
      ['health', 200],
      ['compute', 120],
    ],
  );
  const idle = resolveStreams(plan, { offeredLoad: 0, repetition: 1 }, 10);
  assert.deepEqual(
    idle.map(({ name }) => name),
    ['users', 'health'],
  );
});

test('streams: seed: repeats all arrivals, in every round others, and no two streams leave in step', () => {
  const rounds = [0.6, 1.2].flatMap((offeredLoad) =>
    [1, 2, 3].map((repetition) => ({ offeredLoad, repetition })),
  );
  const drawn = rounds.flatMap((round) => {
    // Whatever the target: the round is all that counts.
    assert.deepEqual(schedulesOf(7, round), schedulesOf(7, { ...round }));
    return [...schedulesOf(7, round), ...schedulesOf(8, round)];
  });
  const chances = drawn.map((schedule) => {
    assert.ok(schedule.kind !== 'virtual-users', 'no schedule');
    return schedule.kind === 'poisson' ? schedule.seed : schedule.phaseMs;
  });
  assert.equal(new Set(chances).size, rounds.length * 2 * streams.length);
  for (const schedule of drawn) {
    if (schedule.kind !== 'constant') continue;
    const { phaseMs, arrivalRatePerSec } = schedule;
    assert.ok(phaseMs >= 0 && phaseMs < 1000 / arrivalRatePerSec, `${phaseMs}`);
  }
});

test('schedule: poisson: the same for the same seed, its gaps exponential in mean and spread', () => {
  const spec = { kind: 'poisson', arrivalRatePerSec: 1000, seed: 7 } as const;
  const offsets = createSchedule(spec, 60_000);
  assert.deepEqual(createSchedule(spec, 60_000), offsets);
  assert.notDeepEqual(createSchedule({ ...spec, seed: 8 }, 60_000), offsets);
  const gaps = Array.from(offsets, (offset, index) => offset - (offsets[index - 1] ?? 0));
  const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - 1) ** 2, 0) / gaps.length);
  // Four standard errors of 60,000 gaps around 1 ms.
  assert.ok(Math.abs(deviation - 1) < 0.025, `deviation ${deviation}`);
  assert.ok(gaps.every((gap) => gap >= 0));
  // As many in 10 ms on average as they vary: chance, not a beat. Four standard errors of 6,000 counts.
  const counts = Array.from({ length: 6000 }, () => 0);
  for (const offset of offsets) {
    const bin = Math.floor(offset / 10);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const variance = counts.reduce((sum, count) => sum + (count - 10) ** 2, 0) / counts.length;
  assert.ok(Math.abs(variance / 10 - 1) < 0.073, `variance ${variance}`);
});

test('schedule: poisson: any rate, time and seed: as many as the rate says, ascending, within the time', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 5000, noNaN: true }),
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 0, max: 2 ** 31 }),
      (arrivalRatePerSec, durationMs, seed) => {
        const offsets = createSchedule({ kind: 'poisson', arrivalRatePerSec, seed }, durationMs);
        assert.ok(Math.abs(offsets.length - (arrivalRatePerSec * durationMs) / 1000) <= 1);
        assert.ok(offsets.every((offset, index) => offset >= (offsets[index - 1] ?? 0)));
        assert.ok((offsets.at(-1) ?? 0) < durationMs);
      },
    ),
  );
});

test('schedule: poisson: less than one request is expected: it comes as often as that', () => {
  const seeds = Array.from({ length: 4000 }, (_, seed) => seed);
  const spec = { kind: 'poisson', arrivalRatePerSec: 0.25 } as const;
  const sent = seeds.flatMap((seed) => [...createSchedule({ ...spec, seed }, 1000)]);
  // Four standard errors of 4,000 draws with probability ¼.
  assert.ok(Math.abs(sent.length / seeds.length - 0.25) < 0.028, `${sent.length}`);
});
