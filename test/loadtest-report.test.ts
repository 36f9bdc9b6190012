import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../loadtest/analysis/verdict.ts';
import { renderColumns } from '../loadtest/report/columns.ts';
import { renderOutcome, renderWant } from '../loadtest/report/comparison-text.ts';
import { describeCalls, renderConditions } from '../loadtest/report/conditions.ts';
import { renderContrast } from '../loadtest/report/contrast-table.ts';
import { renderGrowth, renderShare } from '../loadtest/report/headline-lines.ts';
import { analyzeForReport } from '../loadtest/report/report-analysis.ts';
import { renderDuration, renderRatio } from '../loadtest/report/units.ts';
import { renderValidity } from '../loadtest/report/validity-lines.ts';
import type { LabResult } from '../loadtest/result/result.ts';
import { createExampleResult } from './helpers/lab-example-result.ts';
import { createResult, repeat } from './helpers/lab-runs.ts';

test('validity: runs that cannot be trusted: INVALID with each reason, then what was made again', () => {
  const result = createExampleResult();
  const [inline, pool] = result.runs;
  assert.ok(inline && pool);
  pool.invalidReasons.push(
    { code: 'GENERATOR_LATE', value: 25, limit: 10 },
    { code: 'GENERATOR_ERROR', value: 3, limit: 0, detail: 'EMFILE' },
  );
  const host = { stolenCpuRatio: 0.2, othersCpuRatio: 0, idleCpuRatio: 0 };
  result.discarded.push(
    { plan: pool.plan, host, invalidReasons: [{ code: 'CPU_TAKEN', value: 0.2, limit: 0.1 }] },
    { plan: inline.plan, host, invalidReasons: [] },
  );
  assert.deepEqual(renderValidity(result), [
    'INVALID: do not use these figures, because',
    '  pool 0 1: the load generator sent late, p99 25.0 ms (at most 10.0 ms)',
    '  pool 0 1: the load generator ran into EMFILE of its own, 3 times',
    '1 round was made again as a whole, because runs were disturbed (inline 0, pool 1):',
    '  pool 0 1: other processes and machines took 20.0 % of the CPU time while little was left (at most 10.0 %)',
  ]);
  assert.deepEqual(renderValidity({ ...createExampleResult(), complete: false, runs: [] }), [
    'INCOMPLETE: stopped after 0 of 12 runs.',
    'Nothing was measured.',
  ]);
});

test('contrast table: nothing was answered in a run: no figure, and no number that is none', () => {
  const result = createExampleResult();
  for (const stream of result.runs[1]?.streams ?? []) stream.blocks = [];
  const comparison = judge(result)?.comparisons.find(({ stream }) => stream === 'users');
  assert.ok(comparison);
  assert.equal(renderOutcome(comparison), 'too little data: a run without any answer');
  const text = renderContrast(result, analyzeForReport(result));
  assert.doesNotMatch(text, /NaN|Infinity|undefined/);
});

test('too little data: the option that would be enough', () => {
  assert.equal(renderWant({ kind: 'rounds', have: 1, need: 3 }), '--repeats 3');
  const requests = { kind: 'requests', need: 80, windowMs: 2500 } as const;
  assert.equal(renderWant({ ...requests, have: 50 }), '--duration 4');
  assert.equal(renderWant({ ...requests, have: 79 }), '--duration 3');
});

test('a comparison of survivors: says so in its line, and in the headline', () => {
  const result = createResult(
    'contrast',
    repeat(
      3,
      { target: 'inline', offeredLoad: 1, answerMs: 20 },
      { target: 'pool', offeredLoad: 1 },
    ),
  );
  for (const { plan, streams } of result.runs) {
    for (const block of streams[0]?.blocks ?? []) {
      if (plan.target === 'pool') block.errors['503 QUEUE_FULL'] = 25;
    }
  }
  const analysis = analyzeForReport(result);
  const comparison = analysis.verdict?.comparisons.find(({ percentile }) => percentile === 95);
  assert.ok(comparison);
  assert.equal(renderOutcome(comparison), 'better; failed 0 % against 25 %');
  assert.equal(
    analysis.headline.details.at(-1),
    'Those are the times of requests that did not fail: 25 % failed on pool, 0 % on inline.',
  );
});

test('conditions: calls that are not those that were calibrated, or may be remembered: warned of', () => {
  const warningsOf = (change: (result: LabResult) => void) => {
    const result = createExampleResult();
    change(result);
    const warnings = describeCalls(result).filter((line) => line.startsWith('Mind: '));
    assert.ok(warnings.every((line) => renderConditions(result).includes(line)));
    return warnings.length;
  };
  assert.equal(
    warningsOf(() => {}),
    0,
  );
  // The example's calls took what its answers did, and nobody said how long that was.
  assert.equal(
    warningsOf(({ calibration }) => {
      calibration.rounds = [{ firstMs: 40, samplesMs: [0.5, 0.5, 0.5] }];
    }),
    1,
  );
  assert.equal(
    warningsOf(({ runs }) => {
      const blocks = runs.flatMap(({ streams }) => streams).flatMap((stream) => stream.blocks);
      for (const block of blocks) block.taskTimeUs = block.responseTimeUs;
    }),
    1,
  );
});

test('growth and shares: whole numbers, and nothing is not less than nothing', () => {
  const estimate = (value: number, low: number, high: number) => ({ value, low, high });
  assert.equal(renderGrowth(estimate(312.4, 190.5, 430.2)), '312 ms/s (191 to 430)');
  assert.equal(renderGrowth(estimate(-0.1, -0.3, 0.2)), '0 ms/s (0 to 0)');
  assert.equal(renderShare(estimate(0.26, 0.2, 0.32)), '26 (20 to 32)');
  assert.equal(renderShare(estimate(1, 0.997, 1)), '100');
  assert.deepEqual([renderGrowth(undefined), renderShare(undefined)], ['–', '–']);
});

test('columns: rows of different widths: aligned, nothing at the end of a line', () => {
  const columns = [
    { title: 'a', align: 'left' as const },
    { title: 'bbb', align: 'right' as const },
  ];
  assert.deepEqual(renderColumns(columns, [['xx', '1'], [], ['y']]), [
    'a   bbb',
    'xx    1',
    '',
    'y',
  ]);
});

test('units: durations and ratios: three digits and the fitting unit', () => {
  const cases: [number | undefined, string][] = [
    [undefined, '–'],
    [Number.NaN, '–'],
    [0.012, '12.0 µs'],
    [0.9994, '999 µs'],
    [0.9996, '1.00 ms'],
    [9.99, '9.99 ms'],
    [9.996, '10.0 ms'],
    [99.96, '100 ms'],
    [999.4, '999 ms'],
    [999.6, '1.00 s'],
    [61_000, '61.0 s'],
  ];
  for (const [durationMs, text] of cases) assert.equal(renderDuration(durationMs), text);
  assert.equal(renderRatio(1.234), '1.23×');
  assert.equal(renderRatio(812.4), '812×');
  assert.equal(renderRatio(undefined), '–');
});
