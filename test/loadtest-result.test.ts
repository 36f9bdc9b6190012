import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarizeLevels } from '../loadtest/analysis/contrast-summary.ts';
import { mergeRuns } from '../loadtest/analysis/merge-runs.ts';
import { median, quantile } from '../loadtest/analysis/statistics.ts';
import { summarizeStream } from '../loadtest/analysis/summarize-stream.ts';
import { parseServerTiming } from '../loadtest/experiments/server-timing.ts';
import { LabError } from '../loadtest/lab-error.ts';
import { environmentSchema } from '../loadtest/result/environment.ts';
import { readEnvironment } from '../loadtest/result/read-environment.ts';
import { type LabResult, parseResult } from '../loadtest/result/result.ts';
import { findProjectRoot } from '../loadtest/target/server-entry.ts';
import { createExampleResult } from './helpers/lab-example-result.ts';

test('result: written and read again: the same', () => {
  const result = createExampleResult();
  assert.deepEqual(parseResult(JSON.parse(JSON.stringify(result))), result);
});

test('result: of version 3: its calibration is read as one round', () => {
  const current = createExampleResult();
  const { calibration } = current.plan;
  assert.deepEqual(parseResult(toVersion3(current)), {
    ...current,
    plan: { ...current.plan, calibration: { ...calibration, rounds: 1 } },
  });
});

test('result: of version 2: read, with what it did not have left empty', () => {
  const {
    generator: _generator,
    discarded: _discarded,
    ...rest
  } = toVersion3(createExampleResult());
  const { loadUnit: _unit, maxRepeatedRuns: _max, ...plan } = rest.plan;
  const runs = rest.runs.map(({ host: _host, ...run }) => run);
  const read = parseResult(JSON.parse(JSON.stringify({ ...rest, schemaVersion: 2, plan, runs })));
  assert.equal(read.schemaVersion, 4);
  assert.equal(read.plan.loadUnit, 'threads');
  assert.deepEqual(read.discarded, []);
  assert.deepEqual(
    read.runs.map(({ host }) => host),
    runs.map(() => ({ stolenCpuRatio: null })),
  );
});

test('result: of version 1: read, with what it did not have left empty', () => {
  const current = createExampleResult();
  const { complete: _complete, ...rest } = toVersion3(current);
  const { sloP99Ms: _slo, task: _task, ...plan } = rest.plan;
  const runs = current.runs.map(
    ({ telemetry: _telemetry, windowStartEpochMs: _start, ...run }) => run,
  );
  const streams = plan.streams.map(({ arrivals: _arrivals, ...stream }) => stream);
  const old = { ...rest, schemaVersion: 1, plan: { ...plan, streams }, runs };
  const expected = {
    ...current,
    generator: { tool: 'offload-lab', version: 'unknown' },
    runs: current.runs.map((run) => ({ ...run, host: { stolenCpuRatio: null } })),
    plan: {
      ...current.plan,
      calibration: { ...current.plan.calibration, rounds: 1 },
      maxRepeatedRuns: 0,
      streams: current.plan.streams.map((stream) => ({ ...stream, arrivals: 'constant' })),
    },
  };
  assert.deepEqual(parseResult(JSON.parse(JSON.stringify(old))), expected);
});

test('result: of a version that is not known: refused with those that are', () => {
  for (const schemaVersion of [0, 1.5, 5]) {
    assert.throws(
      () => parseResult({ ...createExampleResult(), schemaVersion }),
      isUsageError(/this lab reads versions 1 to 4/),
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

test('summary: one run: rates and times are those of the schedule', () => {
  const [idle, , inline, pool] = summarizeLevels(createExampleResult());
  assert.deepEqual([idle?.target, idle?.offeredLoad], ['inline', 0]);
  assert.deepEqual([inline?.target, inline?.offeredLoad], ['inline', 1.2]);
  const users = inline?.streams.find(({ name }) => name === 'users');
  assert.equal(users?.sent, 1000);
  assert.equal(users?.throughputPerSec, 200);
  assert.ok(Math.abs((users?.responseTime?.p50Ms ?? 0) - 1000) <= 1);
  const compute = pool?.streams.find(({ name }) => name === 'compute');
  assert.equal(compute?.arrivalRatePerSec, 120);
  assert.deepEqual(compute?.errors, { '503 QUEUE_FULL': 6 });
});

test('summary: repeated runs: counts add up and percentiles are of all requests', () => {
  const run = createExampleResult().runs[2];
  assert.ok(run);
  const [users] = mergeRuns([run, run]);
  assert.ok(users);
  const summary = summarizeStream(users, 10_000);
  assert.equal(summary.sent, 2000);
  assert.equal(summary.responseTime?.count, 2000);
  assert.equal(summary.throughputPerSec, 200);
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

function toVersion3({ plan, calibration, ...rest }: LabResult) {
  const { rounds: _rounds, ...calibrationPlan } = plan.calibration;
  const { rounds, ...calibrated } = calibration;
  return {
    ...rest,
    schemaVersion: 3,
    plan: { ...plan, calibration: calibrationPlan },
    calibration: { ...calibrated, samplesMs: rounds[0]?.samplesMs },
  };
}

function isUsageError(message: RegExp) {
  return (error: unknown) =>
    error instanceof LabError && error.exitCode === 2 && message.test(error.message);
}
