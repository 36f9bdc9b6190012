import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { estimateRatios, type Repetitions } from '../loadtest/analysis/bootstrap.ts';
import { measureNoiseFloor } from '../loadtest/analysis/noise-floor.ts';
import { judge, minimalRatio } from '../loadtest/analysis/verdict.ts';
import { createRandom } from '../loadtest/generator/random.ts';
import { createHistogram, encodeHistogram } from '../loadtest/result/histogram.ts';
import { createExampleResult } from './helpers/lab-example-result.ts';

function block(timesUs: readonly number[]) {
  const histogram = createHistogram();
  for (const us of timesUs) histogram.recordValue(Math.max(1, Math.round(us)));
  return { responseTimeUs: encodeHistogram(histogram) };
}

const percentiles = [50, 95, 99];

test('ratio estimate: the same times on both sides: 1, within its interval', () => {
  const times: Repetitions = [
    [block([100, 200, 300]), block([150, 250])],
    [block([120, 220]), block([130, 230, 330])],
  ];
  for (const ratio of estimateRatios(times, times, percentiles)) {
    assert.ok(ratio);
    assert.equal(ratio.value, 1);
    assert.ok(ratio.low <= 1 && ratio.high >= 1);
  }
});

test('ratio estimate: one side k times the other: k, within 0.3 %, and no wider than the data', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 1000, max: 100_000 }), { minLength: 3, maxLength: 20 }), {
        minLength: 2,
        maxLength: 6,
      }),
      fc.double({ min: 0.1, max: 1000, noNaN: true }),
      (blocks, k) => {
        const fast: Repetitions = [blocks.map(block), blocks.map(block)];
        const scaled = blocks.map((times) => block(times.map((us) => us * k)));
        for (const ratio of estimateRatios([scaled, scaled], fast, percentiles)) {
          assert.ok(ratio);
          assert.ok(Math.abs(ratio.value / k - 1) < 0.003, `${ratio.value} for ${k}`);
          assert.ok(ratio.low <= ratio.value && ratio.value <= ratio.high);
        }
      },
    ),
    { numRuns: 20 },
  );
});

test('ratio estimate: no times on one side: none', () => {
  assert.deepEqual(estimateRatios([[block([])]], [[block([5])]], [50]), [undefined]);
});

test('ratio estimate: the same call again: the very same interval', () => {
  const [a, b]: Repetitions[] = [
    [[block([10, 20, 30]), block([20])]],
    [[block([11, 19, 40]), block([9])]],
  ];
  assert.ok(a && b);
  assert.deepEqual(estimateRatios(a, b, percentiles), estimateRatios(a, b, percentiles));
});

test('verdict: runs of the same thing that differ from process to process: rarely claims a difference', () => {
  const random = createRandom(42);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  // Times spread by a factor e^0.5; each process is off by e^0.15 and each half second by e^0.1.
  const side = (): Repetitions =>
    Array.from({ length: 2 }, () => {
      const ofProcess = 0.15 * normal();
      return Array.from({ length: 4 }, () => {
        const ofBlock = ofProcess + 0.1 * normal();
        return block(Array.from({ length: 100 }, () => 1000 * Math.exp(ofBlock + 0.5 * normal())));
      });
    });
  let comparisons = 0;
  let claimed = 0;
  for (let trial = 0; trial < 60; trial++) {
    for (const ratio of estimateRatios(side(), side(), percentiles)) {
      assert.ok(ratio);
      comparisons += 1;
      if (ratio.low > minimalRatio || ratio.high < 1 / minimalRatio) claimed += 1;
    }
  }
  assert.ok(claimed / comparisons <= 0.05, `${claimed} of ${comparisons} claimed a difference`);
});

test('verdict: inline 500 times slower than pool: better at every percentile under load', () => {
  const verdict = judge(createExampleResult());
  assert.ok(verdict);
  assert.deepEqual([verdict.first, verdict.second], ['inline', 'pool']);
  const users = verdict.comparisons.filter(
    ({ stream, offeredLoad }) => stream === 'users' && offeredLoad === 1.2,
  );
  assert.deepEqual(
    users.map(({ percentile, verdict }) => [percentile, verdict]),
    [
      [50, 'better'],
      [95, 'better'],
      [99, 'better'],
    ],
  );
});

test('noise floor: counts what could not be told, and the factors', () => {
  const ratio = (value: number) => ({ value, low: value / 2, high: value * 2 });
  const comparison = { stream: 'users', offeredLoad: 0, percentile: 50 } as const;
  const floor = measureNoiseFloor({
    first: 'pool-a',
    second: 'pool-b',
    repetitions: 1,
    comparisons: [
      { ...comparison, ratio: ratio(1), verdict: 'cannot tell' },
      { ...comparison, ratio: ratio(0.5), verdict: 'cannot tell' },
      { ...comparison, ratio: ratio(4), verdict: 'better' },
      { ...comparison, ratio: undefined, verdict: 'cannot tell' },
    ],
  });
  assert.deepEqual(floor, { comparisons: 4, cannotTell: 3, medianFactor: 2, worstFactor: 4 });
});
