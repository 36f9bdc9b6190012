/** From runs to levels, comparisons and the headline, on runs made up and on simulated servers. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findHeadline } from '../loadtest/analysis/headline.ts';
import { type LevelSummary, summarizeLevels } from '../loadtest/analysis/levels.ts';
import { measureNoiseFloor } from '../loadtest/analysis/noise-floor.ts';
import { type Comparison, judge, verdictOf } from '../loadtest/analysis/verdict.ts';
import {
  createAaPlan,
  createContrastPlan,
  defaultContrastSettings,
} from '../loadtest/experiments/contrast-plan.ts';
import { analyzeForReport } from '../loadtest/report/report-analysis.ts';
import type { LabResult, RunResult } from '../loadtest/result/result.ts';
import type { Estimate } from '../loadtest/stats/estimate.ts';
import { nearLimitUtilization } from '../loadtest/stats/steady-state.ts';
import { createResult, type RunShape, repeat } from './helpers/lab-runs.ts';
import { simulateContrast } from './helpers/simulated-contrast.ts';

const callMs = 9;

function isAbout(actual: number | undefined, expected: number): void {
  // Histograms are exact to 0.1 %.
  assert.ok(actual !== undefined && Math.abs(actual - expected) <= 0.002 * expected, `${actual}`);
}

describe('levels', () => {
  const levelOf = (shapes: readonly RunShape[]): LevelSummary => {
    const [level, ...others] = summarizeLevels(createResult('contrast', shapes));
    assert.ok(level && others.length === 0);
    return level;
  };
  const growing = (...growths: readonly number[]) =>
    growths.map((growthMsPerSec, index) => ({
      ...{ target: 'inline', offeredLoad: 1, repetition: index + 1 },
      growthMsPerSec,
    }));

  test('state: the growth of the response time, with an interval, says whether a target keeps up', () => {
    const stateOf = (...growths: readonly number[]) => levelOf(growing(...growths)).trend?.state;
    assert.equal(stateOf(0, 1, -1), 'keeps up');
    assert.equal(stateOf(290, 300, 310), 'does not keep up');
    assert.equal(stateOf(-20, 300, 600), 'at its limit');
    assert.equal(stateOf(300, 300), 'unknown');
    const { trend, rounds, windowMs } = levelOf(growing(290, 300, 310));
    assert.deepEqual([rounds, windowMs], [3, 1000]);
    isAbout(trend?.growthMsPerSec?.value, 300);
    // Student's t for three rounds: 4.303 × 10 ÷ √3.
    isAbout(trend?.growthMsPerSec?.low, 300 - 24.84);
    isAbout(trend?.growthMsPerSec?.high, 300 + 24.84);
  });

  test('utilisation: the mean within the window; a gap is a blocked loop, and counts as busy', () => {
    const idle = Array.from({ length: 9 }, () => 0.5);
    const late = [0, 0, 0];
    const shape = { target: 'inline', offeredLoad: 1 };
    const busyOf = (utilizations: readonly (number | null)[]) =>
      levelOf(repeat(3, { ...shape, utilizations })).utilization;
    assert.equal(busyOf([...idle, null, ...late]), 0.55);
    assert.equal(busyOf([]), null);
    assert.equal(
      levelOf(repeat(3, { ...shape, utilizations: [nearLimitUtilization] })).trend?.state,
      'near its limit',
    );
  });

  test('answered share: of what was scheduled, before the window ended, never beyond none and all', () => {
    const answering = (...answersMs: readonly number[]) =>
      levelOf(
        answersMs.map((answerMs, index) => ({
          ...{ target: 'pool', offeredLoad: 0, repetition: index + 1 },
          answerMs,
        })),
      ).streams.find(({ name }) => name === 'users')?.answeredRatio;
    const half = answering(495, 500, 505);
    assert.ok(half && Math.abs(half.value - 0.5) <= 0.01 && half.low > 0.45 && half.high < 0.55);
    for (const share of [answering(1, 1, 600), answering(999, 999, 400), answering(2000, 1, 1)]) {
      assert.ok(share && 0 <= share.low && share.low <= share.value, `${share?.low}`);
      assert.ok(share.value <= share.high && share.high <= 1, `${share.high}`);
    }
  });

  test('new connections: judged by the kept stream of everybody else, other streams by themselves', () => {
    const result = createResult('contrast', growing(300, 300, 300));
    for (const stream of result.runs.flatMap(({ streams }) => streams)) {
      if (stream.plan.name !== 'users') stream.growthMsPerSec = -200;
    }
    const [level] = summarizeLevels(result);
    const stateOf = (name: string) =>
      level?.streams.find((stream) => stream.name === name)?.trend?.state;
    assert.equal(stateOf('users'), 'does not keep up');
    assert.equal(stateOf('newcomers'), 'does not keep up');
    assert.equal(stateOf('compute'), 'keeps up');
  });
});

describe('verdict', () => {
  const compare = (
    result: Pick<LabResult, 'plan' | 'runs'>,
    { stream = 'users', percentile = 95 }: Partial<Comparison> = {},
  ): Comparison => {
    const found = judge(result)?.comparisons.find(
      (one) => one.stream === stream && one.percentile === percentile,
    );
    assert.ok(found);
    return found;
  };
  const byIdBackwards = (a: RunResult, b: RunResult) => (a.plan.id < b.plan.id ? 1 : -1);
  const sides = (inline: Partial<RunShape>, pool: Partial<RunShape>): RunShape[] => [
    { target: 'inline', offeredLoad: 1, ...inline },
    { target: 'pool', offeredLoad: 1, ...pool },
  ];

  test('paired: what a round has in common does not widen the interval, in whatever order runs come', () => {
    const shapes = [2, 20, 200].flatMap((commonMs, index) =>
      sides({ answerMs: 2 * commonMs }, { answerMs: commonMs }).map((shape) => ({
        ...shape,
        repetition: index + 1,
      })),
    );
    const result = createResult('contrast', shapes);
    const comparison = compare(result);
    const { ratio, sendRatio, rounds } = comparison;
    assert.equal(rounds, 3);
    assert.deepEqual(comparison.outcome, { kind: 'verdict', verdict: 'better' });
    for (const estimate of [ratio, sendRatio]) {
      isAbout(estimate?.value, 2);
      assert.ok(estimate && estimate.low > 1.98 && estimate.high < 2.02);
      assert.ok(estimate.low < estimate.high);
    }
    const mixed = compare({ ...result, runs: result.runs.toSorted(byIdBackwards) });
    isAbout(mixed.ratio?.low, ratio?.low ?? 0);
    isAbout(mixed.ratio?.high, ratio?.high ?? 0);
    const swapped = sides({ answerMs: 2 }, { answerMs: 4 });
    assert.equal(verdictOf(compare(createResult('contrast', repeat(3, ...swapped)))), 'worse');
  });

  test('paired: a repetition that one target lacks is no round', () => {
    const { plan, runs } = createResult('contrast', repeat(3, ...sides({}, {})));
    const isThere = ({ plan: run }: RunResult) => run.id !== 'pool 1 2';
    const { rounds, outcome, ratio } = compare({ plan, runs: runs.filter(isThere) });
    assert.equal(rounds, 2);
    assert.deepEqual(outcome, {
      kind: 'too little data',
      wants: [{ kind: 'rounds', have: 2, need: 3 }],
    });
    assert.equal(ratio, undefined);
  });

  test('both ratios: a difference that is the generator’s own lateness is no verdict', () => {
    const late = sides({ answerMs: 8, lateMs: 6 }, { answerMs: 2 });
    const comparison = compare(createResult('contrast', repeat(3, ...late)));
    isAbout(comparison.ratio?.value, 4);
    isAbout(comparison.sendRatio?.value, 1);
    assert.equal(verdictOf(comparison), 'cannot tell');
  });

  test('too little data: what would be enough, of the run with the fewest requests', () => {
    const wantsOf = (comparison: Comparison) =>
      comparison.outcome.kind === 'too little data' ? comparison.outcome.wants : [];
    const one = createResult('contrast', sides({}, {}));
    // 200 and 10 a second, for one second.
    assert.deepEqual(wantsOf(compare(one, { percentile: 99 })), [
      { kind: 'rounds', have: 1, need: 3 },
      { kind: 'requests', have: 200, need: 400, windowMs: 1000 },
    ]);
    const three = createResult('contrast', repeat(3, ...sides({}, { refused: 60 })));
    assert.deepEqual(wantsOf(compare(three)), []);
    // 100 a second, of which 60 failed: failures have no time.
    assert.deepEqual(wantsOf(compare(three, { stream: 'compute' })), [
      { kind: 'requests', have: 40, need: 80, windowMs: 1000 },
    ]);
    assert.equal(compare(three, { stream: 'compute', percentile: 50 }).outcome.kind, 'verdict');
  });

  test('no steady state: names whose, and has no ratio', () => {
    const outcomeOf = (...shapes: RunShape[]) =>
      compare(createResult('contrast', repeat(3, ...shapes)));
    const inline = outcomeOf(...sides({ growthMsPerSec: 300 }, {}));
    assert.deepEqual(inline.outcome, { kind: 'no steady state', targets: ['inline'] });
    assert.deepEqual([inline.ratio, inline.sendRatio], [undefined, undefined]);
    const both = outcomeOf(...sides({ growthMsPerSec: 300 }, { growthMsPerSec: 200 }));
    assert.deepEqual(both.outcome, { kind: 'no steady state', targets: ['inline', 'pool'] });
  });

  test('failures: where the two differ in them, both shares are part of the comparison', () => {
    const failedOf = (inline: Partial<RunShape>, pool: Partial<RunShape>) =>
      compare(createResult('contrast', repeat(3, ...sides(inline, pool))), { stream: 'compute' })
        .failed;
    assert.deepEqual(failedOf({}, { refused: 10 }), { first: 0, second: 0.1 });
    assert.deepEqual(failedOf({ unanswered: 20 }, { refused: 10 }), { first: 0.2, second: 0.1 });
    assert.equal(failedOf({ refused: 10 }, { refused: 10 }), undefined);
    assert.equal(failedOf({}, { refused: 1 }), undefined);
  });

  test('one target, or no run of both: nothing to compare', () => {
    const one = createResult('contrast', repeat(3, { target: 'pool', offeredLoad: 1 }));
    assert.equal(judge(one), undefined);
    assert.equal(judge({ ...one, runs: [] }), undefined);
  });

  for (const mode of ['inline', 'pool'] as const) {
    test(`a simulated server against itself, ${mode}: cannot tell, wherever there is enough data`, () => {
      const settings = {
        ...defaultContrastSettings,
        ...{ levels: [0, 0.6], areLevelsFixed: true, repeats: 6, measureMs: 2000, seed: 3 },
      };
      const plan = createAaPlan(settings, mode, callMs);
      const verdict = judge(simulateContrast('aa', plan, { callMs, noiseSeed: 7 }));
      assert.ok(verdict);
      const { comparisons, cannotTell, worstFactor } = measureNoiseFloor(verdict);
      assert.ok(comparisons >= 12, `${comparisons}`);
      assert.equal(cannotTell, comparisons);
      assert.ok(worstFactor >= 1);
    });
  }
});

describe('headline', () => {
  const contrast = (
    loads: Readonly<Record<number, readonly [Partial<RunShape>, Partial<RunShape>]>>,
  ) =>
    createResult(
      'contrast',
      repeat(
        3,
        ...Object.entries(loads).flatMap(([load, [inline, pool]]) => [
          { ...inline, target: 'inline', offeredLoad: Number(load) },
          { ...pool, target: 'pool', offeredLoad: Number(load) },
        ]),
      ),
    );
  const headlineOf = (result: LabResult) => {
    const verdict = judge(result);
    assert.ok(verdict);
    return findHeadline(verdict);
  };
  const slow = { answerMs: 20 };
  const overloaded = { growthMsPerSec: 300 };

  test('the highest load at which both keep up; near its limit is not among them', () => {
    const nearLimit = { ...slow, utilizations: [0.95] };
    const { first, second, steady, overload } = headlineOf(
      contrast({ 0.3: [{ answerMs: 6 }, {}], 0.5: [slow, {}], 0.8: [nearLimit, {}] }),
    );
    assert.deepEqual([first, second], ['inline', 'pool']);
    assert.equal(steady?.comparison.offeredLoad, 0.5);
    isAbout(steady?.firstMs, 20);
    isAbout(steady?.secondMs, 2);
    isAbout(steady?.comparison.ratio?.value, 10);
    assert.equal(overload, undefined);
  });

  test('an overload: how fast each falls behind at the highest load, and what newcomers got', () => {
    const { steady, overload } = headlineOf(
      contrast({ 0.5: [slow, {}], 1.2: [{ ...overloaded, answerMs: 500 }, {}] }),
    );
    assert.equal(steady?.comparison.offeredLoad, 0.5);
    assert.deepEqual([overload?.offeredLoad, overload?.windowMs], [1.2, 1000]);
    const [inline, pool] = overload?.targets ?? [];
    assert.deepEqual([inline?.target, inline?.state], ['inline', 'does not keep up']);
    isAbout(inline?.growthMsPerSec?.value, 300);
    // Whoever came later than 500 ÷ 1.3 ms was not answered within the second.
    assert.ok(Math.abs((inline?.newcomersAnswered?.value ?? 0) - 0.385) < 0.03);
    assert.deepEqual([pool?.target, pool?.state], ['pool', 'keeps up']);
    assert.equal(pool?.newcomersAnswered?.value, 1);
  });

  test('no load that both carry, or too few requests at it: no ratio', () => {
    const isUnsteady = (result: LabResult, kind: string) => {
      const { steady, unsteady } = headlineOf(result);
      assert.deepEqual([steady, unsteady?.kind], [undefined, kind]);
    };
    isUnsteady(contrast({ 1.2: [overloaded, {}] }), 'no steady state');
    const few = { measureMs: 300 };
    isUnsteady(contrast({ 0.5: [{ ...slow, ...few }, few] }), 'too little data');
    const nearLimit = { ...slow, utilizations: [0.95] };
    isUnsteady(contrast({ 0.5: [nearLimit, {}] }), 'verdict');
  });

  test('tone: by the second target, where both keep up first, else by who keeps up', () => {
    const toneOf = (loads: Parameters<typeof contrast>[0]) =>
      analyzeForReport(contrast(loads)).headline.tone;
    assert.equal(toneOf({ 0.5: [slow, {}] }), 'good');
    assert.equal(toneOf({ 0.5: [{}, slow] }), 'bad');
    assert.equal(toneOf({ 0.5: [{}, {}] }), 'neutral');
    assert.equal(toneOf({ 0.5: [{}, {}], 1.2: [overloaded, {}] }), 'good');
    assert.equal(toneOf({ 0.5: [{}, {}], 1.2: [overloaded, overloaded] }), 'neutral');
    assert.equal(toneOf({ 0.5: [{}, slow], 1.2: [overloaded, {}] }), 'bad');
  });

  /** Six rounds of a contrast at one load, with windows of that length. */
  const simulate = (load: number, measureMs: number, seed: number) => {
    const settings = {
      ...defaultContrastSettings,
      ...{ levels: [load], areLevelsFixed: true, repeats: 6, measureMs, seed },
    };
    const plan = createContrastPlan(settings, callMs);
    return headlineOf(simulateContrast('contrast', plan, { callMs, noiseSeed: 1000 * seed }));
  };
  /** A window four times as long must not make a figure that is four times as large, nor one that contradicts the other. */
  const agree = (a: Estimate | undefined, b: Estimate | undefined) => {
    assert.ok(a && b);
    const said = `${JSON.stringify(a)} and ${JSON.stringify(b)}`;
    assert.ok(a.low <= b.high && b.low <= a.high, said);
    assert.ok(Math.abs(Math.log(a.value / b.value)) < Math.log(1.5), said);
  };

  test('simulated servers: windows of 2 s and of 8 s: the same ratio, within their intervals', () => {
    for (const seed of [1, 2]) {
      const [short, long] = [simulate(0.6, 2000, seed), simulate(0.6, 8000, seed)];
      agree(short.steady?.comparison.ratio, long.steady?.comparison.ratio);
    }
  });

  test('simulated servers: an overload of 1.5 s and of 6 s: the same growth, within their intervals', () => {
    const [short, long] = [simulate(1.2, 1500, 1), simulate(1.2, 6000, 1)].map(
      ({ overload, steady }) => {
        assert.equal(steady, undefined);
        assert.deepEqual(
          overload?.targets.map(({ target, state }) => [target, state]),
          [
            ['inline', 'does not keep up'],
            ['pool', 'keeps up'],
          ],
        );
        return overload?.targets[0]?.growthMsPerSec;
      },
    );
    agree(short, long);
  });
});
