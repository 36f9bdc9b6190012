import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findServiceTime } from '../loadtest/analysis/service-time.ts';
import { calibrate } from '../loadtest/experiments/calibrate.ts';
import {
  createContrastPlan,
  defaultContrastSettings,
} from '../loadtest/experiments/contrast-plan.ts';
import { createStubLab } from './helpers/stub-lab.ts';

const plan = createContrastPlan(defaultContrastSettings);

const roundsOf = (...rounds: number[][]) => rounds.map((samplesMs) => ({ samplesMs }));

test('service time: the median of the round that was disturbed least', () => {
  assert.equal(findServiceTime(roundsOf([5, 7, 6])), 6);
  assert.equal(findServiceTime(roundsOf([11, 12, 13], [6, 7, 40], [10, 10, 10])), 7);
  assert.ok(Number.isNaN(findServiceTime([])));
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
