import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  combineVerdicts,
  summarizeGeneratorBench,
  summarizeStarts,
  summarizeStoreBench,
  summarizeUsersBench,
} from '../loadtest/analysis/bench-summary.ts';
import {
  renderGeneratorBench,
  renderStartBench,
  renderStoreBench,
  renderUsersBench,
} from '../loadtest/report/bench-table.ts';
import type { LimitVerdict } from '../loadtest/stats/verdict.ts';

/** Rounds in which one server costs `ours` µs, give or take a little, and the others what they are given. */
const usersRounds = (ours: number, stock: number, bare: number, spread = 0.01) =>
  [1 - spread, 1, 1 + spread].map((factor) => ({ ours: ours * factor, stock, bare }));

test('bench users: ours ÷ bare at most 1.2: the whole interval decides', () => {
  const rows: [ours: number, spread: number, verdict: LimitVerdict][] = [
    [10, 0.01, 'inside'],
    [10, 0.2, 'cannot tell'],
    [11.9, 0.01, 'cannot tell'],
    [12.1, 0.01, 'cannot tell'],
    [14, 0.01, 'outside'],
  ];
  for (const [ours, spread, verdict] of rows) {
    const { oursToBare } = summarizeUsersBench(usersRounds(ours, 100, 10, spread), 20);
    assert.equal(oursToBare.judgement?.verdict, verdict, `${ours} ± ${spread}`);
  }
});

test('bench users: stock ÷ ours at least, by Node version: the whole interval decides', () => {
  const rows: [nodeMajor: number, stock: number, verdict: LimitVerdict | undefined][] = [
    [20, 60, 'inside'],
    [20, 50, 'cannot tell'],
    [20, 40, 'outside'],
    [24, 60, undefined],
    [26, 25, 'inside'],
    [26, 18, 'cannot tell'],
    [26, 15, 'outside'],
  ];
  for (const [nodeMajor, stock, verdict] of rows) {
    const summary = summarizeUsersBench(usersRounds(10, stock, 10), nodeMajor);
    assert.equal(summary.stockToOurs.judgement?.verdict, verdict, `Node ${nodeMajor}, ${stock}`);
    assert.equal(summary.oursToBare.judgement === undefined, verdict === undefined);
  }
});

test('bench users: rounds that are slow for all: the ratio does not notice', () => {
  const calm = summarizeUsersBench(usersRounds(10, 100, 10), 20);
  const busy = summarizeUsersBench(
    usersRounds(10, 100, 10).map(({ ours, stock, bare }, round) => {
      const factor = 1 + round;
      return { ours: ours * factor, stock: stock * factor, bare: bare * factor };
    }),
    20,
  );
  const high = busy.oursToBare.estimate?.high ?? Number.NaN;
  assert.ok(Math.abs(high - (calm.oursToBare.estimate?.high ?? 0)) < 1e-9);
});

test('bench users: table: interval, limit and verdict', () => {
  const lines = renderUsersBench(summarizeUsersBench(usersRounds(10, 40, 10), 20), 'v20.0.0');
  assert.match(lines, /^ours +10\.0 µs +9\.8 to 10\.2 µs$/m);
  assert.match(lines, /^ours ÷ bare +1\.00× +0\.98 to 1\.03× +at most 1\.2×: inside$/m);
  assert.match(lines, /^stock ÷ ours +4\.00× +3\.90 to 4\.10× +at least 5×: outside$/m);
});

test('bench store: many ÷ few at most 1.1: each method on its own', () => {
  const rounds = [0.99, 1, 1.01].map((factor) => ({
    'get, few': 60,
    'get, many': 60 * factor,
    'post, few': 40,
    'post, many': 48 * factor,
  }));
  const summary = summarizeStoreBench(rounds);
  assert.equal(summary.getManyToFew.judgement?.verdict, 'inside');
  assert.equal(summary.postManyToFew.judgement?.verdict, 'outside');
  assert.match(renderStoreBench(summary, 1_000_000, 'v20.0.0'), /^GET, 1,000,000 users +60\.0 µs/m);
  // The case that was once called kept.
  const noisy = [0.71, 0.96, 2.26].map((factor) => ({
    'get, few': 60,
    'get, many': 60 * factor,
    'post, few': 40,
    'post, many': 40,
  }));
  assert.equal(summarizeStoreBench(noisy).getManyToFew.judgement?.verdict, 'cannot tell');
});

test("bench start: at most half a second: the mean's interval decides", () => {
  const rows: [number[], LimitVerdict][] = [
    [[300, 310, 320], 'inside'],
    [[400, 450, 900], 'cannot tell'],
    [[600, 610, 620], 'outside'],
    [[300, 310], 'cannot tell'],
  ];
  for (const [timesMs, verdict] of rows) {
    assert.equal(summarizeStarts(timesMs).judgement?.verdict, verdict, `${timesMs}`);
  }
  assert.match(
    renderStartBench(summarizeStarts([300, 310]), 'v20.0.0'),
    /^start +– +– +at most 500 ms: cannot tell/m,
  );
});

const generatorRounds = (
  ratePerSec: number,
  lagsP99Ms: readonly (number | null)[],
  busy = 0.5,
  sent = 1000,
) =>
  lagsP99Ms.map((lagP99Ms, index) => ({
    ratePerSec,
    round: index + 1,
    scheduled: 1000,
    sent,
    lagP99Ms,
    eventLoopUtilization: busy,
    ownErrors: {},
    isRealTime: false,
  }));

test('bench generator: a rate is kept while lateness, load and schedule are within what makes a run valid', () => {
  const rows: [ReturnType<typeof generatorRounds>, LimitVerdict][] = [
    [generatorRounds(5000, [2, 3, 4]), 'inside'],
    [generatorRounds(5000, [2, 3, 60]), 'cannot tell'],
    [generatorRounds(5000, [19, 20, 21]), 'outside'],
    [generatorRounds(5000, [2, 3, 4], 0.9), 'outside'],
    [generatorRounds(5000, [2, 3, 4], 0.5, 980), 'outside'],
    [generatorRounds(5000, [null, null, null], 0.5, 0), 'outside'],
    [generatorRounds(5000, [2, 3]), 'cannot tell'],
  ];
  for (const [rounds, verdict] of rows) {
    assert.equal(summarizeGeneratorBench(rounds).verdict, verdict, JSON.stringify(rounds));
  }
});

test('bench generator: table: rate by rate, and whether the stated one is kept', () => {
  const summary = summarizeGeneratorBench([
    ...generatorRounds(8000, [19, 20, 21]),
    ...generatorRounds(5000, [2, 3, 4]),
  ]);
  const text = renderGeneratorBench(summary);
  assert.match(text, / 5000 +3\.00 ms +0\.52 to 5\.48 ms +50 % +100\.0 % +valid\n +8000 .*INVALID/);
  assert.match(text, /At least 5000 requests\/s: inside\./);
  // Of a rate that was not measured nothing is said.
  const other = summarizeGeneratorBench(generatorRounds(100, [1, 1, 1]));
  assert.equal(other.verdict, undefined);
  assert.doesNotMatch(renderGeneratorBench(other), /At least/);
});

test('verdicts together: outside when one is, inside when all are', () => {
  assert.equal(combineVerdicts(['inside', 'cannot tell', 'outside']), 'outside');
  assert.equal(combineVerdicts(['inside', 'cannot tell']), 'cannot tell');
  assert.equal(combineVerdicts(['inside', 'inside']), 'inside');
  assert.equal(combineVerdicts([]), 'inside');
});
