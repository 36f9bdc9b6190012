import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isValid } from '../loadtest/analysis/validity.ts';
import { renderColumns } from '../loadtest/report/columns.ts';
import { renderContrast } from '../loadtest/report/contrast-table.ts';
import { analyzeForReport } from '../loadtest/report/report-analysis.ts';
import { renderDuration, renderRatio } from '../loadtest/report/units.ts';
import { createExampleResult } from './helpers/lab-example-result.ts';

function renderExample(): string {
  const result = createExampleResult();
  return renderContrast(result, analyzeForReport(result));
}

test('contrast table: example: every row, aligned', () => {
  const lines = renderExample().split('\n');
  const start = lines.findIndex((line) => /^ +load /.test(line));
  assert.deepEqual(lines.slice(start, start + 15), [
    '              load  inline p50     p95     p99  pool p50      p95      p99    p99 inline ÷ pool  pool is',
    'GET /users       0      1.00 s  1.00 s  1.00 s   2.00 ms  2.00 ms  2.00 ms  500× (500× to 500×)  better',
    '               1.2      1.00 s  1.00 s  1.00 s   2.00 ms  2.00 ms  2.00 ms  500× (500× to 500×)  better',
    '',
    'POST /users      0      1.00 s  1.00 s  1.00 s   2.00 ms  2.00 ms  2.00 ms  500× (500× to 500×)  better',
    '               1.2      1.00 s  1.00 s  1.00 s   2.00 ms  2.00 ms  2.00 ms  500× (500× to 500×)  better',
    '',
    'GET /health      0      1.00 s  1.00 s  1.00 s   2.00 ms  2.00 ms  2.00 ms  500× (500× to 500×)  better',
    '               1.2      1.00 s  1.00 s  1.00 s   2.00 ms  2.00 ms  2.00 ms  500× (500× to 500×)  better',
    '',
    'GET /compute   1.2      1.00 s  1.00 s  1.00 s   2.00 ms  2.00 ms  2.00 ms  500× (500× to 500×)  better',
    '',
    'what was done  load  target  offered/s  done/s  unanswered  errors',
    'GET /compute    1.2  inline      120.0   120.0           0  none',
    'GET /compute    1.2  pool        120.0   118.8           0  6 503 QUEUE_FULL',
  ]);
});

test('contrast table: example: begins with what it comes to', () => {
  const [headline, certainty] = renderExample().split('\n');
  assert.equal(
    headline,
    'With compute load at 1.20× what one thread can do, pool answers GET /users 500× as fast as inline: ' +
      '99 of 100 within 2.00 ms on pool, 1.00 s on inline.',
  );
  assert.match(
    certainty ?? '',
    /^p99 inline ÷ pool: 500× \(500× to 500×\), .* single process each/,
  );
});

test('contrast table: example: says what it was measured under and that it is valid', () => {
  const text = renderExample();
  assert.match(
    text,
    /One call of \/compute takes 10\.0 ms .* so one thread can do 100\.0 per second/,
  );
  assert.match(text, /Pool: 2 threads\. Machine: 2 usable cores, Example CPU, Node v20\.0\.0/);
  assert.match(text, /and 2 pool threads shared 2 cores/);
  assert.match(text, /\nValid: .*p99 of its lateness 1\.50 ms, 8 % busy/);
});

test('contrast table: a run that cannot be trusted: INVALID with the reason', () => {
  const result = createExampleResult();
  result.runs[1]?.invalidReasons.push(
    { code: 'GENERATOR_LATE', value: 25, limit: 10 },
    { code: 'GENERATOR_ERROR', value: 3, limit: 0, detail: 'EMFILE' },
  );
  assert.equal(isValid(result), false);
  const text = renderContrast(result, analyzeForReport(result));
  assert.match(text, /\nINVALID: do not use these figures, because\n/);
  assert.match(text, /pool 0 1: the load generator sent late, p99 25\.0 ms \(at most 10\.0 ms\)/);
  assert.match(text, /pool 0 1: the load generator ran into EMFILE of its own, 3 times/);
  assert.doesNotMatch(text, /Valid:/);
});

test('contrast table: nothing was answered: dashes and no ratio', () => {
  const result = createExampleResult();
  for (const stream of result.runs[1]?.streams ?? []) stream.blocks = [];
  const text = renderContrast(result, analyzeForReport(result));
  assert.match(text, /^GET \/users +0 +1\.00 s +1\.00 s +1\.00 s +– +– +– +– +cannot tell$/m);
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
