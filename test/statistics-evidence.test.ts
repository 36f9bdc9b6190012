/**
 * The lab's intervals and verdicts, held against their stated limits in seeded simulations: the small sister of
 * `npm run bench:statistics`. A share counted in so few experiments is uncertain, so each limit is let out by two of its standard
 * errors; estimators that are known to be wrong have to miss it all the same.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type EstimatePercentileRatio,
  estimateByRounds,
  evaluateNewcomers,
  evaluateRatios,
  evaluateTrends,
  listComparisons,
  type RatioEvidence,
  readPercentile,
  standardError,
} from '../bench/evidence.ts';
import { type Bank, simulateBank } from '../bench/simulated-contrasts.ts';
import {
  defaultContrastSettings,
  quickContrastSettings,
} from '../loadtest/experiments/contrast-plan.ts';
import { estimateUnpairedRatio, geometricMean } from '../loadtest/stats/estimate.ts';

const modes = ['inline', 'pool'] as const;
const experiments = 200;
const steady = simulateBank(defaultContrastSettings, 0.6, experiments, 1);
const quick = simulateBank(quickContrastSettings, 0.6, experiments, 2);
const overload = simulateBank(defaultContrastSettings, 1.2, experiments, 3);

const within = (share: number, low: number, high: number) =>
  share >= low - 2 * standardError(low, experiments) &&
  share <= high + 2 * standardError(high, experiments);

/** The limits that hold for every figure under any plan. */
function listMissed({ coverage, verdicts, generatorVerdicts }: RatioEvidence): string[] {
  return [
    ...(within(coverage, 0.93, 0.97) ? [] : ['coverage']),
    ...(within(verdicts, 0, 0.05) ? [] : ['false verdicts']),
    ...(within(generatorVerdicts, 0, 0.05) ? [] : ["the generator's verdicts"]),
  ];
}

/** The limits of what the default contrast is there for: p95 and p99 of GET /users on kept connections. */
function listMissedOfTails({ power, width }: RatioEvidence): string[] {
  return [...(within(power, 0.8, 1) ? [] : ['power']), ...(width <= 1.7 ? [] : ['width'])];
}

/** What an estimator misses where a mode is compared with itself, as `pool users p95: coverage`. */
function listMissedAmongEquals(estimate: EstimatePercentileRatio, banks: readonly Bank[]) {
  return banks.flatMap((bank) =>
    modes
      .flatMap((mode) => listComparisons(bank, mode, mode))
      .flatMap((comparison) => {
        const { first, stream, percentile } = comparison;
        const evidence = evaluateRatios(bank, comparison, estimate);
        const isTail = bank === steady && stream === 'users' && percentile > 50;
        const missed = [...listMissed(evidence), ...(isTail ? listMissedOfTails(evidence) : [])];
        return missed.map((limit) => `${first} ${stream} p${percentile}: ${limit}`);
      }),
  );
}

test('statistics: a mode against itself, default and quick: coverage, false verdicts, power and width within their limits', () => {
  assert.deepEqual(listMissedAmongEquals(estimateByRounds, [steady, quick]), []);
});

test('statistics: inline against pool: coverage of the ratio in windows of that length, width at most 1.7', () => {
  for (const comparison of listComparisons(steady, 'inline', 'pool')) {
    const { coverage, width, stream, percentile } = evaluateRatios(steady, comparison);
    assert.ok(within(coverage, 0.93, 0.97), `${stream} p${percentile}: coverage ${coverage}`);
    if (stream === 'users') assert.ok(width <= 1.7, `p${percentile}: width ${width}`);
  }
});

const noAnswer: EstimatePercentileRatio = () => ({
  value: 1,
  low: 0,
  high: Number.POSITIVE_INFINITY,
});

/** As if the standard deviation were known: 1.96 for any number of rounds. */
const withoutStudent: EstimatePercentileRatio = (rounds, percentile) => {
  const logs = rounds.map(([first, second]) =>
    Math.log(readPercentile(first, percentile) / readPercentile(second, percentile)),
  );
  const middle = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const squares = logs.reduce((sum, log) => sum + (log - middle) ** 2, 0);
  const half = 1.96 * Math.sqrt(squares / (logs.length - 1) / logs.length);
  return { value: Math.exp(middle), low: Math.exp(middle - half), high: Math.exp(middle + half) };
};

const unpaired: EstimatePercentileRatio = (rounds, percentile) =>
  estimateUnpairedRatio(
    rounds.map(([first]) => readPercentile(first, percentile)),
    rounds.map(([, second]) => readPercentile(second, percentile)),
  );

/** As if all requests of all rounds were independent: binomial ranks around the percentile of the merged times. */
const mergedRanks: EstimatePercentileRatio = (rounds, percentile) => {
  const limitsOf = (side: 0 | 1) => {
    const merged = Float32Array.from(rounds.flatMap((round) => [...round[side]])).sort();
    const share = percentile / 100;
    const ranks = 100 * 1.96 * Math.sqrt((share * (1 - share)) / merged.length);
    const at = (rank: number) => readPercentile(merged, Math.min(100, rank));
    return { value: at(percentile), low: at(percentile - ranks), high: at(percentile + ranks) };
  };
  const [first, second] = [limitsOf(0), limitsOf(1)];
  const value = first.value / second.value;
  const below = Math.hypot(Math.log(first.value / first.low), Math.log(second.high / second.value));
  const above = Math.hypot(Math.log(first.high / first.value), Math.log(second.value / second.low));
  return { value, low: value * Math.exp(-below), high: value * Math.exp(above) };
};

test('statistics: estimators that are wrong: miss the limits that are there for them', () => {
  const wrong: [string, EstimatePercentileRatio, string[]][] = [
    ['no answer', noAnswer, ['coverage', 'power', 'width']],
    ['without t', withoutStudent, ['coverage']],
    ['unpaired', unpaired, ['power', 'width']],
    ['merged ranks', mergedRanks, ['coverage', 'false verdicts']],
  ];
  for (const [name, estimate, limits] of wrong) {
    const missed = listMissedAmongEquals(estimate, [steady, quick]);
    for (const limit of limits) {
      assert.ok(
        missed.some((line) => line.endsWith(limit)),
        `${name} keeps the limit of ${limit}`,
      );
    }
  }
});

test('growth: at 0.6: both modes keep up', () => {
  for (const mode of modes) {
    const { states, coverage } = evaluateTrends(steady, mode);
    assert.ok(within(states['keeps up'], 0.95, 1), `${mode}: ${JSON.stringify(states)}`);
    assert.equal(states['does not keep up'], 0);
    assert.ok(within(coverage, 0.93, 0.97), `${mode}: ${coverage}`);
  }
});

test('growth: at 1.2: inline does not keep up, pool does, and the interval holds what arithmetic says', () => {
  const inline = evaluateTrends(overload, 'inline');
  // What kept connections offer the loop, by what the model says they cost, less the 1 that it does.
  const { usersPerSec, createPerSec } = defaultContrastSettings;
  const growthMsPerSec = 1000 * (1.2 - 1) + usersPerSec * 0.38 + createPerSec * 0.45;
  const { trueGrowthMsPerSec } = inline;
  assert.ok(
    Math.abs(trueGrowthMsPerSec / growthMsPerSec - 1) < 0.05,
    `${trueGrowthMsPerSec} against ${growthMsPerSec}`,
  );
  assert.ok(within(inline.coverage, 0.93, 0.97), `${inline.coverage}`);
  assert.ok(within(inline.states['does not keep up'], 0.9, 1), JSON.stringify(inline.states));
  assert.ok(within(evaluateTrends(overload, 'pool').states['keeps up'], 0.95, 1));
});

test('newcomers: during an overload: the interval of their share holds the truth', () => {
  for (const mode of modes) {
    const { coverage, trueShare } = evaluateNewcomers(overload, mode);
    assert.ok(within(coverage, 0.93, 1), `${mode}: ${trueShare} in ${coverage}`);
  }
});

test('simulation: the same seed: the same times', () => {
  const timesOf = (bank: Bank) =>
    bank.experiments.flatMap((rounds) =>
      rounds.map((round) => geometricMean([...round.inline[0].times.users.responseMs])),
    );
  const again = () => timesOf(simulateBank(quickContrastSettings, 0.6, 2, 7));
  assert.deepEqual(again(), again());
  assert.notDeepEqual(again(), timesOf(simulateBank(quickContrastSettings, 0.6, 2, 8)));
});
