import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { ReportAnalysis } from '../loadtest/report/headline.ts';
import { renderJunit } from '../loadtest/report/junit.ts';
import { analyzeForReport } from '../loadtest/report/report-analysis.ts';
import { renderStepSummary } from '../loadtest/report/step-summary.ts';
import type { LabResult, RunResult } from '../loadtest/result/result.ts';
import { createExampleResult } from './helpers/lab-example-result.ts';
import { createKneeResult } from './helpers/lab-runs.ts';

describe('JUnit', () => {
  const example = createExampleResult();
  const analysis = analyzeForReport(example);

  test('runs that are missing or cannot be trusted: errors that say why', () => {
    const runs = example.runs.slice(0, 2).map(spoil);
    const xml = renderJunit({ ...example, complete: false, runs }, analysis, []);
    assert.match(xml, /<testsuites [^>]*tests="3" failures="0" errors="3" skipped="0"/);
    assert.match(xml, /<error message="stopped: 10 of 12 runs are missing">/);
    // Its own reason, and not that of rounds that were made again.
    const discarded = example.runs.map(({ plan, host }) => ({ plan, host, invalidReasons: [] }));
    assert.equal(renderJunit({ ...example, complete: false, runs, discarded }, analysis, []), xml);
    assert.match(
      xml,
      /<error message="inline 0 1: the load generator sent late, p99 25\.0 ms \(at most 10\.0 ms\)">/,
    );
  });

  test('a search that repeated a run it could not trust: skipped, not failed', () => {
    const pool = { target: 'pool', offeredLoad: 1 };
    const result = createKneeResult([
      { ...pool, isInvalid: true, runs: 1 },
      { ...pool, runs: 6 },
    ]);
    const xml = renderJunit(result, analysis, []);
    // Of all runs, of the search, and of each run.
    assert.match(xml, /<testsuites [^>]*tests="9" failures="0" errors="0" skipped="1"/);
    assert.match(xml, /<skipped message="pool 1 1: the load generator sent late/);
  });

  test('a search whose target answered nothing: that is its answer, not a run to distrust', () => {
    const result = createKneeResult([{ target: 'pool', offeredLoad: 1, refused: 1e6, runs: 2 }]);
    for (const { invalidReasons } of result.runs) {
      invalidReasons.push({ code: 'NO_ANSWERS', value: 0, limit: 1, detail: 'compute' });
    }
    assert.match(
      renderJunit(result, analysis, []),
      /<testsuites [^>]*tests="4" failures="0" errors="0"/,
    );
  });
});

describe('step summary', () => {
  let example: LabResult;
  let analysis: ReportAnalysis;

  before(() => {
    example = createExampleResult();
    analysis = analyzeForReport(example);
  });

  test('tables: every row has as many cells as its head', () => {
    const assertion = { text: 'a', outcome: 'holds', actual: 'b' } as const;
    const lines = renderStepSummary(example, analysis, [assertion]).split('\n');
    for (const [index, line] of lines.entries()) {
      if (!line.startsWith('| ') || !lines[index - 1]?.startsWith('|')) continue;
      assert.equal(countCells(line), countCells(lines[index - 1] ?? ''), line);
    }
  });

  test('incomplete: says so beside whether its runs can be trusted', () => {
    const stopped = { ...example, complete: false, runs: example.runs.slice(0, 3) };
    const text = renderStepSummary(stopped, analysis, []);
    assert.match(text, /\n❌ INCOMPLETE: stopped after 3 of 12 runs\.\n\n✅ Valid: /);
  });

  test('cannot be trusted: every reason, and no tick before it', () => {
    const text = renderStepSummary(
      { ...example, runs: example.runs.map(spoil) },
      { ...analysis, isTrusted: false },
      [],
    );
    assert.match(text, /\n❌ INVALID: do not use these figures, because\n\n- inline 0 1: the load/);
    assert.doesNotMatch(text, /✅/);
  });

  test('a search that repeated a run: the answer is valid without it', () => {
    const [first, ...rest] = example.runs;
    assert.ok(first);
    const text = renderStepSummary({ ...example, runs: [spoil(first), ...rest] }, analysis, []);
    assert.match(text, /\n✅ Valid: the answer does not rest on the runs that were repeated/);
    assert.doesNotMatch(text, /INVALID/);
  });

  test('hostile texts: neither markup nor another row', () => {
    const hostile = 'a|b\n| c `d` <img src=x> @team [l](http://x) **e**';
    const [block] = example.runs[0]?.streams[0]?.blocks ?? [];
    assert.ok(block);
    block.errors[hostile] = 2;
    const text = renderStepSummary(example, analysis, [
      { text: hostile, outcome: 'holds', actual: hostile },
    ]);
    const escaped = 'a\\|b \\| c \\`d\\` \\<img src=x\\> &#64;team \\[l\\](http://x) \\*\\*e\\*\\*';
    assert.ok(text.includes(`| ${escaped} | ${escaped} | ✅ holds |`));
    assert.ok(text.includes(`2 ${escaped}`));
  });
});

function countCells(row: string): number {
  return row.replaceAll('\\|', '').split('|').length;
}

function spoil(run: RunResult): RunResult {
  return { ...run, invalidReasons: [{ code: 'GENERATOR_LATE', value: 25, limit: 10 }] };
}
