import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareResults, isComparable } from '../loadtest/analysis/compare-results.ts';
import { LabError } from '../loadtest/lab-error.ts';
import { renderComparison } from '../loadtest/report/compare-table.ts';
import type { LabResult } from '../loadtest/result/result.ts';
import { createKneeResult, createResult } from './helpers/lab-runs.ts';

const contrast = (answerMs: number, refused = 0) =>
  createResult('contrast', [
    { target: 'inline', offeredLoad: 1, answerMs: 400 },
    { target: 'inline', offeredLoad: 1, answerMs: 400, repetition: 2 },
    { target: 'pool', offeredLoad: 1, answerMs, refused },
    { target: 'pool', offeredLoad: 1, answerMs, repetition: 2 },
  ]);

function pick(comparison: ReturnType<typeof compareResults>, target: string) {
  const cell = comparison.cells.find((one) => one.target === target && one.stream === 'users');
  const p99 = cell?.percentiles.find(({ percentile }) => percentile === 99);
  assert.ok(cell && p99?.ratio);
  return { cell, change: p99.change, ratio: p99.ratio };
}

test('compare: twice the time: slower, with the ratio; the other way round faster', () => {
  const comparison = compareResults(contrast(3), contrast(6));
  assert.deepEqual(comparison.differences, []);
  assert.ok(isComparable(comparison));
  const { change, ratio } = pick(comparison, 'pool');
  assert.equal(change, 'slower');
  assert.ok(Math.abs(ratio.value - 2) < 0.01);
  assert.equal(pick(comparison, 'inline').change, 'cannot tell');
  assert.equal(pick(compareResults(contrast(6), contrast(3)), 'pool').change, 'faster');
});

test('compare: a result with itself: cannot tell, everywhere', () => {
  const result = contrast(3);
  for (const { percentiles } of compareResults(result, result).cells) {
    for (const { change } of percentiles) assert.equal(change, 'cannot tell');
  }
});

test('compare: other conditions: not comparable, with both values', () => {
  const changed = (change: (result: LabResult) => void) => {
    const second = structuredClone(contrast(3));
    change(second);
    return compareResults(contrast(3), second);
  };
  const decisive: [(result: LabResult) => void, RegExp][] = [
    [(r) => (r.environment.nodeVersion = 'v26.0.0'), /Node: v20\.0\.0 \/ v26\.0\.0/],
    [(r) => (r.environment.cpuModel = 'Other'), /CPU: Example CPU \/ Other/],
    [(r) => (r.environment.availableParallelism = 8), /usable cores: 2 \/ 8/],
    [(r) => (r.calibration.serviceTimeMs = 12.1), /one call takes: 10\.00 ms \/ 12\.10 ms/],
    [(r) => (r.plan.task = './x.js'), /task: the built-in sum \/ \.\/x\.js/],
    [(r) => r.plan.streams.pop(), /streams: users GET/],
    [
      (r) => r.runs[0]?.invalidReasons.push({ code: 'GENERATOR_LATE', value: 20, limit: 10 }),
      /validity: – \/ invalid/,
    ],
  ];
  for (const [change, message] of decisive) {
    const comparison = changed(change);
    assert.ok(!isComparable(comparison));
    assert.match(renderComparison(comparison), /NOT COMPARABLE/);
    assert.match(renderComparison(comparison), message);
  }
  const noted: [(result: LabResult) => void, RegExp][] = [
    [(r) => (r.environment.kernelRelease = '7.0'), /kernel: 6\.0\.0 \/ 7\.0/],
    [(r) => (r.environment.git = null), /commit: 0123456789ab \/ unknown/],
    [(r) => (r.complete = false), /validity: – \/ incomplete/],
  ];
  for (const [change, message] of noted) {
    const comparison = changed(change);
    assert.ok(isComparable(comparison));
    assert.match(renderComparison(comparison), message);
  }
  assert.ok(isComparable(changed((r) => (r.calibration.serviceTimeMs = 11.9))));
});

test('compare: only one process per load: said so', () => {
  const one = createResult('contrast', [{ target: 'pool', offeredLoad: 1 }]);
  const comparison = compareResults(one, one);
  assert.equal(comparison.repetitions, 1);
  assert.match(renderComparison(comparison), /With one process per load/);
});

test('compare: of different experiments, or nothing in common: refused', () => {
  const isUsageError = (message: RegExp) => (error: unknown) =>
    error instanceof LabError && error.exitCode === 2 && message.test(error.message);
  assert.throws(
    () => compareResults(contrast(3), createResult('knee', [{ target: 'pool', offeredLoad: 1 }])),
    isUsageError(/cannot compare a result of contrast with one of knee/),
  );
  assert.throws(
    () =>
      compareResults(
        createResult('contrast', [{ target: 'pool', offeredLoad: 1 }]),
        createResult('contrast', [{ target: 'pool', offeredLoad: 2 }]),
      ),
    isUsageError(/no target and load in common/),
  );
});

const knee = (passed: number, failed: number) =>
  createKneeResult([
    { target: 'pool', offeredLoad: passed, runs: 6 },
    { target: 'pool', offeredLoad: failed, refused: 1, runs: 2 },
  ]);

test('compare: knees: by their brackets', () => {
  const changeOf = (first: LabResult, second: LabResult) =>
    compareResults(first, second).knees.map(({ change }) => change);
  // A knee's target list has inline too, which was not searched for here.
  assert.deepEqual(changeOf(knee(1, 1.1), knee(1.4, 1.5)), ['more']);
  assert.deepEqual(changeOf(knee(1.4, 1.5), knee(1, 1.1)), ['less']);
  assert.deepEqual(changeOf(knee(1, 1.2), knee(1.1, 1.3)), ['cannot tell']);
  assert.match(
    renderComparison(compareResults(knee(1, 1.1), knee(1.4, 1.5))),
    /pool: the second carries 1\.27 to 1\.50 times the load: it carries more\./,
  );
});

test('compare table: example: every figure of a stream', () => {
  const lines = renderComparison(compareResults(contrast(3), contrast(6, 4))).split('\n');
  const at = lines.findIndex((line) => /^ +1 +pool +users +p50/.test(line));
  assert.match(lines[at] ?? '', /p50 +3\.00 ms +6\.00 ms +2\.00× .* slower$/);
  assert.match(lines[at + 3] ?? '', /done\/s +199\.0 +199\.0$/);
  const compute = lines.findIndex((line) => /^ +1 +pool +compute +p50/.test(line));
  assert.match(lines[compute + 4] ?? '', /failed +0 +4$/);
});
