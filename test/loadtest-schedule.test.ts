import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { resolveStreams } from '../loadtest/experiments/resolve-streams.ts';
import { createSchedule } from '../loadtest/generator/schedule.ts';

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
        assert.ok(Math.abs(offsets.length - expected) <= 1);
        assert.ok(offsets.every((offset, index) => offset > (offsets[index - 1] ?? -1)));
        assert.ok((offsets.at(-1) ?? 0) <= durationMs);
      },
    ),
  );
});

test('streams: offered load: the rate is load ÷ service time, and none without load', () => {
  const common = { method: 'GET', connection: 'keep-alive', timeoutMs: 1000 } as const;
  const templates = [
    {
      ...common,
      name: 'users',
      path: '/users',
      arrivalRate: { kind: 'fixed' as const, perSec: 200 },
    },
    {
      ...common,
      name: 'compute',
      path: '/compute',
      arrivalRate: { kind: 'offered-load' as const },
    },
  ];
  const loaded = resolveStreams(templates, { offeredLoad: 1.2 }, 10);
  assert.deepEqual(
    loaded.map(({ name, schedule }) => [name, schedule.arrivalRatePerSec]),
    [
      ['users', 200],
      ['compute', 120],
    ],
  );
  const phases = loaded.map(({ schedule }) => schedule.phaseMs);
  assert.equal(new Set(phases).size, phases.length);
  assert.deepEqual(
    resolveStreams(templates, { offeredLoad: 0 }, 10).map(({ name }) => name),
    ['users'],
  );
});
