import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Estimate,
  estimateMean,
  estimateRatio,
  estimateShare,
  estimateUnpairedRatio,
  geometricMean,
} from '../loadtest/stats/estimate.ts';
import { comparedPercentiles, countNeeded } from '../loadtest/stats/percentile.ts';
import {
  growthLimitMsPerSec,
  isSteady,
  judgeTrend,
  nearLimitUtilization,
} from '../loadtest/stats/steady-state.ts';
import { studentT975 } from '../loadtest/stats/student-t.ts';
import { judgeAtLeast, judgeAtMost, toVerdict } from '../loadtest/stats/verdict.ts';

const ratio = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
const ratios = fc.array(ratio, { minLength: 3, maxLength: 12 });

function assertClose(actual: number | undefined, expected: number): void {
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= 1e-6 * Math.max(1, Math.abs(expected)),
    `${actual} is not ${expected}`,
  );
}

function assertCloseTo(actual: Estimate | undefined, expected: Estimate | undefined): void {
  assert.ok(expected !== undefined);
  assertClose(actual?.value, expected.value);
  assertClose(actual?.low, expected.low);
  assertClose(actual?.high, expected.high);
}

function logWidth(estimate: Estimate | undefined): number {
  return estimate === undefined ? Number.NaN : Math.log(estimate.high / estimate.low);
}

test("Student's t: published values at 97.5 %: within 0.1 %", () => {
  // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2.
  const published: [number, number][] = [
    [1, 12.706],
    [2, 4.303],
    [3, 3.182],
    [5, 2.571],
    [7, 2.365],
    [10, 2.228],
    [11, 2.201],
    [12, 2.179],
    [15, 2.131],
    [20, 2.086],
    [30, 2.042],
    [60, 2.0],
    [100, 1.984],
  ];
  for (const [degrees, t] of published) {
    assert.ok(Math.abs(studentT975(degrees) / t - 1) < 0.001, `${degrees} degrees`);
  }
});

test('mean: known answer: t interval', () => {
  // Standard deviation 1, so the half-width is 4.303 ÷ √3.
  assertCloseTo(estimateMean([1, 2, 3]), {
    value: 2,
    low: 2 - 4.303 / Math.sqrt(3),
    high: 2 + 4.303 / Math.sqrt(3),
  });
});

test('ratio: known answer: geometric mean and t interval of the logarithms', () => {
  const half = (4.303 * Math.LN2) / Math.sqrt(3);
  assertCloseTo(estimateRatio([1, 2, 4]), {
    value: 2,
    low: 2 * Math.exp(-half),
    high: 2 * Math.exp(half),
  });
});

test("unpaired ratio: known answer: Welch's interval", () => {
  // Equal variances and counts: 4 degrees of freedom.
  const half = 2.776 * Math.LN2 * Math.sqrt(2 / 3);
  assertCloseTo(estimateUnpairedRatio([3, 6, 12], [1, 2, 4]), {
    value: 3,
    low: 3 * Math.exp(-half),
    high: 3 * Math.exp(half),
  });
});

test('estimates: fewer than three rounds: none', () => {
  assert.equal(estimateMean([1, 2]), undefined);
  assert.equal(estimateRatio([1, 2]), undefined);
  assert.equal(estimateShare([{ part: 1, whole: 2 }]), undefined);
  assert.equal(estimateUnpairedRatio([1, 2], [1, 2, 3]), undefined);
  assert.equal(estimateUnpairedRatio([1, 2, 3], [1, 2]), undefined);
});

test('ratio: rounds that agree exactly: no narrower than histograms can tell', () => {
  for (const same of [estimateRatio([2, 2, 2]), estimateUnpairedRatio([2, 2, 2], [1, 1, 1])]) {
    assertCloseTo(same, { value: 2, low: 2 * Math.exp(-0.001), high: 2 * Math.exp(0.001) });
  }
});

test('ratio: all rounds times a factor: so is the estimate', () => {
  fc.assert(
    fc.property(ratios, ratio, (rounds, factor) => {
      const plain = estimateRatio(rounds);
      assert.ok(plain !== undefined);
      const scaled = estimateRatio(rounds.map((one) => one * factor));
      assertClose((scaled?.value ?? 0) / plain.value, factor);
      assertClose(logWidth(scaled), logWidth(plain));
    }),
  );
});

test('ratio: targets swapped: the inverse', () => {
  fc.assert(
    fc.property(ratios, (rounds) => {
      const plain = estimateRatio(rounds);
      const swapped = estimateRatio(rounds.map((one) => 1 / one));
      assert.ok(plain !== undefined && swapped !== undefined);
      assertClose(swapped.value * plain.value, 1);
      assertClose(swapped.low * plain.high, 1);
      assertClose(swapped.high * plain.low, 1);
    }),
  );
});

test('ratio: rounds in another order: the same', () => {
  const shuffled = ratios.chain((rounds) =>
    fc.tuple(
      fc.constant(rounds),
      fc.shuffledSubarray(rounds, { minLength: rounds.length, maxLength: rounds.length }),
    ),
  );
  fc.assert(
    fc.property(shuffled, ([rounds, others]) => {
      assertClose(
        Math.log(estimateRatio(others)?.value ?? 0),
        Math.log(estimateRatio(rounds)?.value ?? 1),
      );
      assertClose(logWidth(estimateRatio(others)), logWidth(estimateRatio(rounds)));
    }),
  );
});

test('ratio: rounds that are slower for both targets: the same; unpaired: wider', () => {
  const slowness = [1, 3, 1, 3, 1, 3];
  const [first, second] = [
    [10, 11, 10, 12, 11, 10],
    [5, 5, 6, 5, 6, 5],
  ];
  const slowFirst = first.map((ms, round) => ms * (slowness[round] ?? 1));
  const slowSecond = second.map((ms, round) => ms * (slowness[round] ?? 1));
  const pairs = (a: number[], b: number[]) => a.map((ms, round) => ms / (b[round] ?? Number.NaN));
  const calm = estimateRatio(pairs(first, second));
  assertCloseTo(estimateRatio(pairs(slowFirst, slowSecond)), calm);
  assert.ok(logWidth(estimateUnpairedRatio(slowFirst, slowSecond)) > 3 * logWidth(calm));
});

test('ratio: half the spread between rounds: half the width', () => {
  fc.assert(
    fc.property(ratios, (rounds) => {
      const middle = geometricMean(rounds);
      const calmer = rounds.map((one) => middle * Math.sqrt(one / middle));
      const width = logWidth(estimateRatio(rounds));
      assertClose(logWidth(estimateRatio(calmer)), Math.max(width / 2, 0.002));
    }),
  );
});

test('share: rounds that differ: t interval within 0 and 1', () => {
  const rounds = [10, 20, 30].map((part) => ({ part, whole: 100 }));
  const half = (4.303 * 0.1) / Math.sqrt(3);
  assertCloseTo(estimateShare(rounds), { value: 0.2, low: 0, high: 0.2 + half });
});

test('share: none or all in every round: as far as one request of the smallest round', () => {
  const rounds = (parts: number[]) => parts.map((part) => ({ part, whole: 50 }));
  assert.deepEqual(estimateShare(rounds([0, 0, 0])), { value: 0, low: 0, high: 0.02 });
  assert.deepEqual(estimateShare(rounds([50, 50, 50])), { value: 1, low: 0.98, high: 1 });
  const nobody = [0, 0, 0].map((part) => ({ part, whole: 0 }));
  assert.deepEqual(estimateShare(nobody), { value: 0, low: 0, high: 1 });
});

test('percentiles: requests in a window that make one: 8, 80 and 400', () => {
  assert.deepEqual(comparedPercentiles.map(countNeeded), [8, 80, 400]);
});

// Rounds 1 apart have a standard deviation of 1, so the interval reaches this far to each side.
const reach = 4.303 / Math.sqrt(3);
const around = (middle: number) => [middle - 1, middle, middle + 1];
const limit = growthLimitMsPerSec;

test('trend: growth at its limit and utilisation at its own: states', () => {
  const rows: [number[], number | null, string][] = [
    [around(0), 0.5, 'keeps up'],
    [around(0), null, 'keeps up'],
    [around(-300), 0.5, 'keeps up'],
    [around(limit - reach - 0.01), 0.5, 'keeps up'],
    [around(limit - reach + 0.01), 0.5, 'at its limit'],
    [around(limit), 0.99, 'at its limit'],
    [around(limit + reach - 0.01), 0.5, 'at its limit'],
    [around(limit + reach + 0.01), 0.5, 'does not keep up'],
    [[limit, limit, limit], 0.5, 'at its limit'],
    [around(0), nearLimitUtilization - 0.001, 'keeps up'],
    [around(0), nearLimitUtilization, 'near its limit'],
    [around(300), 1, 'does not keep up'],
    [[300, 300], 1, 'unknown'],
    [[], null, 'unknown'],
  ];
  for (const [growths, utilization, state] of rows) {
    assert.equal(judgeTrend(growths, utilization).state, state, `${growths} ${utilization}`);
  }
});

test('trend: states with percentiles worth printing: the two that do not grow', () => {
  const states = ['keeps up', 'near its limit', 'at its limit', 'does not keep up', 'unknown'];
  assert.deepEqual(
    states.filter((state) => isSteady(state as Parameters<typeof isSteady>[0])),
    ['keeps up', 'near its limit'],
  );
});

const interval = (low: number, high: number) => ({ value: Math.sqrt(low * high), low, high });

test('verdict: from the intended start beyond 1.1, from the actual send beyond 1: else cannot tell', () => {
  const rows: [Estimate[], string][] = [
    [[interval(1.11, 3), interval(1.01, 3)], 'better'],
    [[interval(1.1, 3), interval(2, 3)], 'cannot tell'],
    [[interval(1.11, 3), interval(1, 3)], 'cannot tell'],
    [[interval(1.11, 3), interval(0.3, 0.8)], 'cannot tell'],
    [[interval(0.3, 0.9), interval(0.3, 0.99)], 'worse'],
    [[interval(0.3, 0.91), interval(0.3, 0.9)], 'cannot tell'],
    [[interval(0.3, 0.9), interval(0.3, 1)], 'cannot tell'],
    [[interval(1.11, 3)], 'better'],
    [[interval(0.7, 54)], 'cannot tell'],
    [[], 'cannot tell'],
  ];
  for (const [intervals, verdict] of rows) assert.equal(toVerdict(intervals), verdict);
});

test('limits: the whole interval decides', () => {
  const rows: [Estimate | undefined, string, string][] = [
    [interval(1, 1.99), 'inside', 'outside'],
    [interval(1, 2), 'inside', 'cannot tell'],
    [interval(1, 2.01), 'cannot tell', 'cannot tell'],
    [interval(2, 3), 'cannot tell', 'inside'],
    [interval(2.01, 3), 'outside', 'inside'],
    [undefined, 'cannot tell', 'cannot tell'],
  ];
  for (const [figure, atMost, atLeast] of rows) {
    assert.deepEqual([judgeAtMost(figure, 2), judgeAtLeast(figure, 2)], [atMost, atLeast]);
  }
});
