import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { ReportAnalysis } from '../loadtest/report/headline.ts';
import { renderJunit } from '../loadtest/report/junit.ts';
import { analyzeForReport } from '../loadtest/report/report-analysis.ts';
import { renderStepSummary } from '../loadtest/report/step-summary.ts';
import type { LabResult, RunResult } from '../loadtest/result/result.ts';
import { createKneeResult } from './helpers/lab-runs.ts';
import { createReportExample } from './helpers/report-example-result.ts';

const assertions = [
  { text: 'users.p99.pool < 50ms', passed: true, actual: '5.81 ms' },
  { text: 'users.p99.inline < 50ms', passed: false, actual: '2.04 s' },
];

describe('JUnit', () => {
  const example = createReportExample();

  test('a case for each run, one for all of them, one for each assertion', () => {
    const xml = renderJunit(example, assertions);
    assert.match(xml, /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites /);
    assert.match(
      xml,
      /<testsuites [^>]*tests="19" failures="1" errors="0" skipped="0" time="96\.000"/,
    );
    assert.match(xml, /<testsuite name="validity" tests="17" failures="0"/);
    assert.match(xml, /name="run inline 0 1 can be trusted" time="6\.000"\/>/);
    assert.match(xml, /name="users\.p99\.pool &lt; 50ms" time="0\.000"\/>/);
    assert.match(
      xml,
      /<failure message="users\.p99\.inline &lt; 50ms: 2\.04 s">users\.p99\.inline/,
    );
  });

  test('runs that are missing or cannot be trusted: failures that say why', () => {
    const runs = example.runs.slice(0, 2).map(spoil);
    const xml = renderJunit({ ...example, complete: false, runs }, []);
    assert.match(xml, /<testsuites [^>]*tests="3" failures="3"/);
    assert.match(xml, /message="stopped: 14 of 16 runs are missing"/);
    assert.match(xml, /message="inline 0 1: the load generator sent late, p99 25\.0 ms/);
  });

  test('a search that repeated a run it could not trust: skipped, not failed', () => {
    const pool = { target: 'pool', offeredLoad: 1 };
    const result = createKneeResult([
      { ...pool, isInvalid: true, runs: 1 },
      { ...pool, runs: 6 },
    ]);
    const xml = renderJunit(result, []);
    // Of all runs, of the search, and of each run.
    assert.match(xml, /<testsuites [^>]*tests="9" failures="0" errors="0" skipped="1"/);
    assert.match(xml, /<skipped message="pool 1 1: the load generator sent late/);
  });

  test('a search whose target answered nothing: that is its answer, not a run to distrust', () => {
    const result = createKneeResult([{ target: 'pool', offeredLoad: 1, refused: 1e6, runs: 2 }]);
    for (const { invalidReasons } of result.runs) {
      invalidReasons.push({ code: 'NO_ANSWERS', value: 0, limit: 1, detail: 'compute' });
    }
    assert.match(renderJunit(result, []), /<testsuites [^>]*tests="4" failures="0" errors="0"/);
  });
});

describe('step summary', () => {
  let example: LabResult;
  let analysis: ReportAnalysis;

  before(() => {
    example = createReportExample();
    analysis = analyzeForReport(example);
  });

  test('headline, validity, assertions, times by endpoint and load, ratios', () => {
    const lines = renderStepSummary(example, analysis, assertions).split('\n');
    assert.match(lines[0] ?? '', /^## With compute load .* pool answers GET \/users \d+× as fast/);
    assert.ok(lines.includes('| users.p99.inline \\< 50ms | 2.04 s | ❌ missed |'));
    assert.ok(lines.some((line) => /^✅ Valid: /.test(line)));
    // Three endpoints at four loads and compute at three of them, two targets each.
    assert.equal(
      lines.filter((line) => /^\| (?:GET|POST) \/\w+ \| \S+ \| (?:inline|pool) \|/.test(line))
        .length,
      30,
    );
    assert.ok(
      lines.some((line) =>
        /^\| GET \/users \| 1\.2× \| p99 \| \d+× \| \d+× to \d+× \| pool faster \|$/.test(line),
      ),
    );
    // Every row of a table has as many cells as its head.
    for (const [index, line] of lines.entries()) {
      if (!line.startsWith('| ') || !lines[index - 1]?.startsWith('|')) continue;
      assert.equal(countCells(line), countCells(lines[index - 1] ?? ''), line);
    }
  });

  test('incomplete: says so beside whether its runs can be trusted', () => {
    const stopped = { ...example, complete: false, runs: example.runs.slice(0, 3) };
    const text = renderStepSummary(stopped, analysis, []);
    assert.match(text, /\n❌ INCOMPLETE: stopped after 3 of 16 runs\.\n\n✅ Valid: /);
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

  test('a run that was repeated: the answer is valid without it', () => {
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
      { text: hostile, passed: true, actual: hostile },
    ]);
    const escaped = 'a\\|b \\| c \\`d\\` \\<img src=x\\> &#64;team \\[l\\](http://x) \\*\\*e\\*\\*';
    assert.ok(text.includes(`| ${escaped} | ${escaped} | ✅ kept |`));
    assert.ok(text.includes(`| 2 ${escaped} |`));
  });
});

function countCells(row: string): number {
  return row.replaceAll('\\|', '').split('|').length;
}

function spoil(run: RunResult): RunResult {
  return { ...run, invalidReasons: [{ code: 'GENERATOR_LATE', value: 25, limit: 10 }] };
}
