import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isWorthDispatching } from '../loadtest/analysis/advice.ts';
import { estimateMedian, summarizeOverhead } from '../loadtest/analysis/overhead-summary.ts';
import { createRandom } from '../loadtest/generator/random.ts';
import { createOverhead } from './helpers/lab-overhead.ts';

test('overhead: nothing measurable: a break-even of none, never below', () => {
  const { breakEvenMs } = summarizeOverhead(createOverhead(-1));
  assert.deepEqual(breakEvenMs, { value: 0, low: 0, high: 0 });
});

test('overhead: a task near the break-even: too close to tell', () => {
  const { breakEvenMs } = summarizeOverhead(createOverhead(0.12));
  assert.equal(isWorthDispatching(0.01, breakEvenMs), false);
  assert.equal(isWorthDispatching(0.12, breakEvenMs), undefined);
  assert.equal(isWorthDispatching(1, breakEvenMs), true);
  assert.equal(isWorthDispatching(1, undefined), undefined);
});

test('median estimate: known ranks, and never outside the values', () => {
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  // Conover, table A3: for n = 20 the 6th and the 15th value, for n = 6 the ends.
  assert.deepEqual(estimateMedian(upTo(20)), { value: 10.5, low: 6, high: 15 });
  assert.deepEqual(estimateMedian(upTo(6)), { value: 3.5, low: 1, high: 6 });
  assert.deepEqual(estimateMedian(upTo(30)), { value: 15.5, low: 10, high: 21 });
  assert.deepEqual(estimateMedian([7]), { value: 7, low: 7, high: 7 });
});

test('median estimate: any values: the median lies within its interval', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 }),
      (values) => {
        const { value, low, high } = estimateMedian(values);
        assert.ok(low <= value && value <= high);
      },
    ),
  );
});

test('median estimate: samples of a skewed distribution: the true median is inside 95 times of 100', () => {
  const random = createRandom(7);
  const trueMedian = Math.log(2);
  const inside = Array.from({ length: 2000 }, () => {
    const sample = Array.from({ length: 30 }, () => -Math.log(1 - random()));
    const { low, high } = estimateMedian(sample);
    return low <= trueMedian && trueMedian <= high;
  });
  assert.ok(inside.filter(Boolean).length >= 0.94 * inside.length);
});
