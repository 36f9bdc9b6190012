import assert from 'node:assert/strict';
import { test } from 'node:test';
import { streamsOf, summarizeLevels } from '../loadtest/analysis/levels.ts';
import { median, quantile } from '../loadtest/analysis/statistics.ts';
import { summarizeStream } from '../loadtest/analysis/summarize-stream.ts';
import { parseServerTiming } from '../loadtest/generator/server-timing.ts';
import { LabError } from '../loadtest/lab-error.ts';
import { environmentSchema } from '../loadtest/result/environment.ts';
import { readEnvironment } from '../loadtest/result/read-environment.ts';
import { parseResult, schemaVersion } from '../loadtest/result/result.ts';
import { findProjectRoot } from '../loadtest/target/server-entry.ts';
import { createExampleResult } from './helpers/lab-example-result.ts';
import { createRun, type RunShape } from './helpers/lab-runs.ts';

test('result: written and read again: the same', () => {
  const result = createExampleResult();
  assert.deepEqual(parseResult(JSON.parse(JSON.stringify(result))), result);
});

test('result: of another schema version: refused with exit code 2 and both versions', () => {
  for (const version of [1, 4, 1.5, schemaVersion + 1]) {
    assert.throws(
      () => parseResult({ ...createExampleResult(), schemaVersion: version }),
      isUsageError(
        new RegExp(`^result has schema version ${version}, this lab reads ${schemaVersion}$`),
      ),
    );
  }
  assert.throws(() => parseResult({}), isUsageError(/no schemaVersion/));
  assert.throws(() => parseResult(null), isUsageError(/no schemaVersion/));
});

test('result: malformed: refused with the place', () => {
  const { calibration: _, ...without } = createExampleResult();
  assert.throws(() => parseResult(without), isUsageError(/malformed result: calibration/));
  const result = createExampleResult();
  const block = result.runs[0]?.streams[0]?.blocks[0];
  assert.ok(block);
  block.responseTimeUs = 'not a histogram';
  assert.throws(
    () => parseResult(result),
    isUsageError(/runs\.0\.streams\.0\.blocks\.0\.responseTimeUs: not an HDR V2 histogram/),
  );
});

test('environment: read here: fits its schema', () => {
  const environment = readEnvironment(findProjectRoot());
  assert.deepEqual(environmentSchema.parse(environment), environment);
  assert.equal(readEnvironment('/').git, null);
});

test('summary: rates and times are those of the schedule, counts add up over the rounds', () => {
  const levels = summarizeLevels(createExampleResult());
  assert.deepEqual(
    levels.map(({ target, offeredLoad, rounds, windowMs }) => [
      ...[target, offeredLoad, rounds, windowMs],
    ]),
    [
      ['inline', 0, 3, 5000],
      ['pool', 0, 3, 5000],
      ['inline', 1.2, 3, 5000],
      ['pool', 1.2, 3, 5000],
    ],
  );
  const [inline, pool] = levels.slice(2);
  const users = inline?.streams.find(({ name }) => name === 'users');
  assert.equal(users?.sent, 3000);
  assert.equal(users?.responseTime?.count, 3000);
  assert.equal(users?.throughputPerSec, 200);
  assert.ok(Math.abs((users?.responseTime?.p99Ms ?? 0) - 1000) <= 1);
  const compute = pool?.streams.find(({ name }) => name === 'compute');
  assert.equal(compute?.arrivalRatePerSec, 120);
  assert.deepEqual(compute?.errors, { '503 QUEUE_FULL': 18 });
});

test('summary: percentiles: the geometric mean of the runs’ own, and none where a run has too few requests', () => {
  const summarize = (...shapes: Partial<RunShape>[]) => {
    const runs = shapes.map((shape) => createRun({ target: 'pool', offeredLoad: 1, ...shape }));
    const [first, ...others] = streamsOf(runs, 'users');
    assert.ok(first);
    return summarizeStream([first, ...others], 1000 * runs.length);
  };
  const { responseTime, sendToEnd } = summarize({ answerMs: 4 }, { answerMs: 9 });
  for (const times of [responseTime, sendToEnd]) {
    assert.ok(times && Math.abs((times.p95Ms ?? 0) - 6) < 0.01);
    // Runs of 200 requests.
    assert.deepEqual([times.count, times.p99Ms], [400, undefined]);
    assert.ok(Math.abs(times.maxMs - 9) < 0.02);
  }
  const uneven = summarize({ answerMs: 4 }, { answerMs: 9, measureMs: 300 }).responseTime;
  assert.ok(uneven?.p50Ms !== undefined);
  assert.equal(uneven.p95Ms, undefined);
});

test('summary: lateness that could be half of a percentile: marked', () => {
  const unresolvedOf = (lateMs: number) => {
    const [users] = streamsOf([createRun({ target: 'pool', offeredLoad: 1, lateMs })], 'users');
    assert.ok(users);
    return summarizeStream([users], 1000).unresolved;
  };
  // Of answers that take 2 ms in all.
  assert.deepEqual(unresolvedOf(0.9), []);
  assert.deepEqual(unresolvedOf(1.1), [50, 95]);
});

test('statistics: quantiles: known answers', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(quantile([1, 2, 3, 4, 5], 0.25), 2);
  assert.equal(quantile([7], 0.99), 7);
  assert.ok(Number.isNaN(median([])));
});

test('server timing: header: durations by name, others left out', () => {
  assert.deepEqual(
    [...parseServerTiming('queue;dur=0.5, compute;desc="a";dur=12.25, cache, x;dur=no')],
    [
      ['queue', 0.5],
      ['compute', 12.25],
    ],
  );
});

function isUsageError(message: RegExp) {
  return (error: unknown) =>
    error instanceof LabError && error.exitCode === 2 && message.test(error.message);
}
