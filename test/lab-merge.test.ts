import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mergeBlocks } from '../loadtest/analysis/merge-blocks.ts';
import { mergeResults, wereMadeTogether } from '../loadtest/analysis/merge-results.ts';
import { toBlocks } from '../loadtest/generator/blocks.ts';
import type { RequestOutcome, RequestRecord } from '../loadtest/generator/request-record.ts';
import { readArrivalRatePerSec } from '../loadtest/generator/schedule.ts';
import { LabError } from '../loadtest/lab-error.ts';
import { decodeHistogram, readCounts } from '../loadtest/result/histogram.ts';
import { type LabResult, parseResult } from '../loadtest/result/result.ts';
import type { BlockResult } from '../loadtest/result/stream-result.ts';
import { createResult } from './helpers/lab-runs.ts';

const window = { startMs: 100, lengthMs: 1500, blockMs: 500 };
const outcomes: RequestOutcome[] = ['unsent', 'succeeded', 'failed', 'timed-out', 'unanswered'];
const kinds = ['reset', 'timeout', '503 QUEUE_FULL'];

const records = fc
  .record({
    outcome: fc.constantFrom(...outcomes),
    intendedMs: fc.double({ min: 0, max: 1800, noNaN: true }),
    lagMs: fc.double({ min: 0, max: 20, noNaN: true }),
    tookMs: fc.double({ min: 0, max: 100_000, noNaN: true }),
    kind: fc.constantFrom(...kinds),
  })
  .map(({ outcome, intendedMs, lagMs, tookMs, kind }): RequestRecord => {
    const sentMs = intendedMs + lagMs;
    return {
      outcome,
      intendedMs,
      sentMs,
      endMs: sentMs + tookMs,
      connectedMs: sentMs + tookMs / 3,
      firstByteMs: sentMs + tookMs / 2,
      kind: outcome === 'failed' || outcome === 'timed-out' ? kind : '',
    };
  });

/** A block with its histograms as what is in them. */
function toContent(block: BlockResult) {
  const read = (text: string | undefined) =>
    text === undefined ? undefined : [...readCounts(decodeHistogram(text))];
  return {
    ...block,
    responseTimeUs: read(block.responseTimeUs),
    serviceTimeUs: read(block.serviceTimeUs),
    lagUs: read(block.lagUs),
    connectTimeUs: read(block.connectTimeUs),
    admissionTimeUs: read(block.admissionTimeUs),
  };
}

test('merge: requests shared out among generators at random: the same as those of one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(records, fc.nat(3)), { maxLength: 60 }),
      fc.constantFrom('keep-alive' as const, 'new' as const),
      (shared, connection) => {
        const blocksOf = (some: typeof shared) =>
          toBlocks(
            some.map(([record]) => record),
            window,
            connection,
          );
        const parts = [0, 1, 2, 3].map((generator) =>
          blocksOf(shared.filter(([, owner]) => owner === generator)),
        );
        const whole = blocksOf(shared);
        const merged = whole.map((_, index) =>
          mergeBlocks(parts.flatMap((blocks) => blocks[index] ?? [])),
        );
        assert.deepEqual(merged.map(toContent), whole.map(toContent));
      },
    ),
    { numRuns: 40 },
  );
});

const shapes = [
  { target: 'inline', offeredLoad: 0.6, answerMs: 8 },
  { target: 'pool', offeredLoad: 0.6, answerMs: 3, refused: 2 },
];

test('merge: two results of a plan: rates, loads and counts add, the worst self-check counts', () => {
  const [first, second] = [createResult('contrast', shapes), createResult('contrast', shapes)];
  const run = second.runs[1];
  assert.ok(run);
  run.selfCheck = {
    ...run.selfCheck,
    lagP99Ms: 12,
    eventLoopUtilization: 0.02,
    ownErrors: { EMFILE: 1 },
  };
  run.invalidReasons.push({ code: 'GENERATOR_LATE', value: 12, limit: 10 });
  second.complete = false;
  const merged = parseResult(JSON.parse(JSON.stringify(mergeResults([first, second]))));
  const [inline, pool] = merged.runs;
  assert.ok(inline && pool);
  assert.equal(pool.plan.offeredLoad, 1.2);
  assert.equal(merged.plan.runs[1]?.offeredLoad, 1.2);
  const rateOf = (name: string) => {
    const stream = pool.streams.find(({ plan }) => plan.name === name);
    return stream && readArrivalRatePerSec(stream.plan.schedule);
  };
  assert.equal(rateOf('users'), 400);
  assert.equal(rateOf('compute'), 120);
  assert.deepEqual(merged.plan.streams[0]?.arrivalRate, { kind: 'fixed', perSec: 400 });
  const compute = pool.streams.find(({ plan }) => plan.name === 'compute');
  assert.deepEqual(compute?.blocks[0]?.errors, { '503 QUEUE_FULL': 4 });
  assert.equal(pool.selfCheck.sent, 2 * (first.runs[1]?.selfCheck.sent ?? 0));
  assert.equal(pool.selfCheck.lagP99Ms, 12);
  assert.equal(pool.selfCheck.eventLoopUtilization, 0.08);
  assert.deepEqual(pool.selfCheck.ownErrors, { EMFILE: 1 });
  assert.equal(pool.invalidReasons.length, 1);
  assert.equal(merged.complete, false);
  assert.equal(merged.calibration.rounds.length, 2 * first.calibration.rounds.length);
});

test('merge: the same time: windows that overlap, or times that nobody knows', () => {
  const at = (...startsEpochMs: (number | null)[]) =>
    startsEpochMs.map((windowStartEpochMs) => {
      const result = createResult('contrast', [{ target: 'pool', offeredLoad: 0.1 }]);
      return { ...result, runs: result.runs.map((run) => ({ ...run, windowStartEpochMs })) };
    });
  const [run] = at(0)[0]?.runs ?? [];
  assert.ok(run);
  const { measureMs } = run.plan;
  assert.ok(wereMadeTogether(at(0, measureMs - 1)));
  assert.ok(!wereMadeTogether(at(0, 1, measureMs)));
  assert.ok(!wereMadeTogether(at(measureMs, 0)));
  assert.ok(wereMadeTogether(at(null, 0)) && wereMadeTogether(at(0, null)));
});

test('merge: in any order, and step by step: the same streams', () => {
  const [a, b, c] = [3, 9, 27].map((answerMs) =>
    createResult('contrast', [{ target: 'pool', offeredLoad: 0.1, answerMs }]),
  );
  assert.ok(a && b && c);
  const streamsOf = (result: LabResult) =>
    result.runs.flatMap(({ streams }) =>
      streams.map(({ plan, blocks }) => [plan.schedule, blocks.map(toContent)]),
    );
  const expected = streamsOf(mergeResults([a, b, c]));
  assert.deepEqual(streamsOf(mergeResults([mergeResults([a, b]), c])), expected);
  assert.deepEqual(streamsOf(mergeResults([c, a, b])), expected);
});

test('merge: other schedules than constant: their rates add too', () => {
  const result = createResult('contrast', [{ target: 'pool', offeredLoad: 0.5 }]);
  const stream = result.runs[0]?.streams[0];
  assert.ok(stream);
  stream.plan.schedule = { kind: 'ramp', arrivalRatePerSec: 30, fromPerSec: 10, toPerSec: 50 };
  assert.deepEqual(mergeResults([result, result]).runs[0]?.streams[0]?.plan.schedule, {
    kind: 'ramp',
    arrivalRatePerSec: 60,
    fromPerSec: 20,
    toPerSec: 100,
  });
  stream.plan.schedule = { kind: 'poisson', arrivalRatePerSec: 30, seed: 7 };
  assert.deepEqual(mergeResults([result, result]).runs[0]?.streams[0]?.plan.schedule, {
    kind: 'poisson',
    arrivalRatePerSec: 60,
    seed: 7,
  });
});

test('merge: results that do not belong together: refused with what differs', () => {
  const first = createResult('contrast', shapes);
  const refuses = (change: (result: LabResult) => void, message: RegExp) => {
    const other = createResult('contrast', shapes);
    change(other);
    assert.throws(
      () => mergeResults([first, other]),
      (error) => error instanceof LabError && error.exitCode === 2 && message.test(error.message),
    );
  };
  refuses((r) => {
    r.experiment = 'knee';
  }, /result 2 has another experiment than the first/);
  refuses((r) => {
    r.plan.task = './mine.js';
  }, /another task/);
  refuses((r) => {
    r.plan.targets.pop();
  }, /other targets/);
  refuses((r) => {
    r.plan.streams.reverse();
  }, /other streams than/);
  refuses((r) => {
    r.plan.blockMs = 250;
  }, /another block width/);
  refuses((r) => {
    r.plan.runs.pop();
  }, /other planned runs/);
  refuses((r) => {
    r.runs.pop();
  }, /other runs made/);
  refuses((r) => {
    r.runs[0]?.streams.pop();
  }, /other streams in its runs/);
  refuses((r) => {
    r.runs[0]?.streams[0]?.blocks.pop();
  }, /other blocks/);
  assert.throws(() => mergeResults([first]), /at least two/);
});
