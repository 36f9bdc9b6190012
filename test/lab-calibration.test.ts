import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findServiceTime, mayBeCached } from '../loadtest/analysis/service-time.ts';
import { calibrate } from '../loadtest/experiments/calibrate.ts';
import { planShortCalibration } from '../loadtest/experiments/calibration-plan.ts';
import {
  createContrastPlan,
  defaultContrastSettings,
} from '../loadtest/experiments/contrast-plan.ts';
import { executePlan } from '../loadtest/experiments/execute-plan.ts';
import { parseResult } from '../loadtest/result/result.ts';
import { createStubLab } from './helpers/stub-lab.ts';

const settings = { ...defaultContrastSettings, seed: 1 };
const plan = createContrastPlan(settings);

const roundsOf = (...rounds: number[][]) => rounds.map((samplesMs) => ({ samplesMs }));

test('service time: the median of the round that was disturbed least', () => {
  assert.equal(findServiceTime(roundsOf([5, 7, 6])), 6);
  assert.equal(findServiceTime(roundsOf([11, 12, 13], [6, 7, 40], [10, 10, 10])), 7);
  assert.ok(Number.isNaN(findServiceTime([])));
});

test('service time: of several inputs the mean, and never less than can be timed', () => {
  assert.equal(findServiceTime(roundsOf([1, 9, 2], [3, 9, 3]), 2), 4);
  assert.equal(findServiceTime(roundsOf([0, 0, 0])), 0.001);
});

test('inputs that may be remembered: where in every round later calls take a fraction of the first', () => {
  const mayBe = (...rounds: [firstMs: number, laterMs: number][]) =>
    mayBeCached({ rounds: rounds.map(([firstMs, ms]) => ({ firstMs, samplesMs: [ms, ms, ms] })) });
  assert.ok(mayBe([40, 0.003], [41, 0.004]));
  assert.ok(!mayBe([40, 0.003], [9, 8]));
  // A compiler that warms up, and a task of microseconds.
  assert.ok(!mayBe([30, 9], [30, 9]));
  assert.ok(!mayBe([2, 0.003]));
});

test('service time: a burst that spares one round changes nothing, one within a round little', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 6, max: 8, noNaN: true }), { minLength: 5, maxLength: 40 }),
      fc.double({ min: 1, max: 100, noNaN: true }),
      fc.integer({ min: 0, max: 2 }),
      (samplesMs, addedMs, spared) => {
        const rounds = [0, 1, 2].map((round) => ({
          samplesMs: samplesMs.map((ms) => (round === spared ? ms : ms + addedMs)),
        }));
        assert.equal(findServiceTime(rounds), findServiceTime([{ samplesMs }]));
        const few = Math.floor((samplesMs.length - 1) / 2);
        const disturbed = samplesMs.map((ms, call) => (call < few ? ms + addedMs : ms));
        assert.ok(findServiceTime([{ samplesMs: disturbed }]) <= Math.max(...samplesMs));
      },
    ),
  );
});

test('calibration: as many rounds of as many calls as planned, each on a fresh process', async () => {
  const { target, rounds, serviceTimeMs } = await calibrate(
    { ...createStubLab(), nowMs: () => 0 },
    plan,
  );
  assert.equal(target, 'pool');
  assert.deepEqual(
    rounds.map(({ samplesMs }) => samplesMs.length),
    [40, 40, 40],
  );
  // What the stub says.
  assert.equal(serviceTimeMs, 5);
});

test('calibration: several inputs: asked in turn', async () => {
  const task = { path: 'task.mjs', inputs: ['{"ms":2}', '{"ms":6}'] };
  const own = createContrastPlan({ ...settings, task });
  const calibration = { ...own.calibration, rounds: 1, warmupCalls: 1, calls: 4 };
  const { rounds, serviceTimeMs } = await calibrate(createStubLab(), { ...own, calibration });
  assert.deepEqual(
    rounds.map(({ firstMs, samplesMs }) => [firstMs, ...samplesMs]),
    [[2, 6, 2, 6, 2]],
  );
  assert.equal(serviceTimeMs, 4);
});

test('calibration: a task too short for any load: that is all that is done', async () => {
  const trivial = { ...settings, targetSettings: { STUB_COMPUTE_MS: '0.003' } };
  const createPlan = (serviceTimeMs?: number) => ({
    ...createContrastPlan(trivial, serviceTimeMs),
    calibration: planShortCalibration('pool'),
  });
  const result = await executePlan(createStubLab(), { experiment: 'contrast', createPlan });
  assert.equal(result.calibration.serviceTimeMs, 0.003);
  assert.deepEqual([result.complete, result.runs, result.plan.runs], [true, [], []]);
  assert.deepEqual(parseResult(JSON.parse(JSON.stringify(result))).runs, []);
});

test('calibration: calls that take long: few of them, and no further round', async () => {
  let nowMs = 0;
  const clock = () => {
    nowMs += plan.calibration.maxMs;
    return nowMs;
  };
  const { rounds } = await calibrate({ ...createStubLab(), nowMs: clock }, plan);
  assert.deepEqual(
    rounds.map(({ samplesMs }) => samplesMs.length),
    [3],
  );
});
