import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsHistogram } from 'hdr-histogram-js';
import { mergeHistograms, toPercentiles } from '../loadtest/analysis/percentiles.ts';
import { measureGrowth, toBlocks, toStreamResult } from '../loadtest/generator/blocks.ts';
import type { ConnectionPolicy, StreamPlan } from '../loadtest/generator/load-plan.ts';
import { StreamRecorder } from '../loadtest/generator/recorder.ts';
import type { RequestRecord } from '../loadtest/generator/request-record.ts';
import { createHistogram, readCounts } from '../loadtest/result/histogram.ts';
import { streamResultSchema } from '../loadtest/result/stream-result.ts';

const window = { startMs: 1000, lengthMs: 1000, blockMs: 500 };

function toOnlyBlock(recorder: StreamRecorder, connection: ConnectionPolicy['kind'] = 'kept') {
  const [block] = toBlocks([...recorder.records()], { ...window, blockMs: 1000 }, connection);
  assert.ok(block, 'no block');
  return block;
}

test('recorder: one request of every outcome: each counted once, none hidden', () => {
  const recorder = new StreamRecorder(
    Float64Array.of(900, 1000, 1100, 1200, 1300, 1600, 1700, 1900),
    'kept',
  );
  for (const index of [0, 1, 2, 3, 4, 5, 6]) recorder.send(index, 900 + index * 100);
  recorder.succeed(0, 1450);
  recorder.succeed(1, 1610);
  recorder.fail(2, '503 QUEUE_FULL', 1210);
  recorder.timeOut(3, 'timeout', 1700);
  recorder.leaveUnanswered(4, 2300);
  recorder.succeed(5, 2100);
  recorder.succeed(6, 1999);
  // Too late: it is settled already.
  recorder.succeed(4, 2400);

  const [first, second] = toBlocks([...recorder.records()], window, 'kept');
  assert.ok(first && second, 'no blocks');
  const { responseTimeUs, sendToEndUs, lagUs, connectionWaitUs, ...counts } = first;
  assert.deepEqual(counts, {
    startMs: 0,
    scheduled: 4,
    sent: 4,
    succeeded: 1,
    timedOut: 1,
    unanswered: 1,
    errors: { '503 QUEUE_FULL': 1, timeout: 1 },
    // The warm-up's answer, which came within the window.
    completed: 1,
    answeredInWindow: 1,
    waitedForConnection: 0,
  });
  // The answer, the timeout and the unanswered one, not the failure.
  const times = toPercentiles(mergeHistograms([responseTimeUs]));
  assert.equal(times?.count, 3);
  assertClose(times.maxMs, 1000);
  assert.equal(mergeHistograms([lagUs]).totalCount, 4);
  assert.equal(mergeHistograms([sendToEndUs]).totalCount, 3);
  const { scheduled, sent, succeeded, completed, unanswered, answeredInWindow } = second;
  assert.deepEqual(
    { scheduled, sent, succeeded, completed, unanswered, answeredInWindow },
    // One answer came after the window. Of those within it two ended in this block, one of them the first block's.
    { scheduled: 3, sent: 2, succeeded: 2, completed: 2, unanswered: 0, answeredInWindow: 1 },
  );
});

test('recorder: generator late: response time counts from the intended start, the other from the send', () => {
  const recorder = new StreamRecorder(Float64Array.of(1000), 'kept');
  recorder.send(0, 1200);
  recorder.succeed(0, 1250);
  const block = toOnlyBlock(recorder);
  assertClose(mergeHistograms([block.responseTimeUs]).maxValue / 1000, 250);
  assertClose(mergeHistograms([block.sendToEndUs]).maxValue / 1000, 50);
  assertClose(mergeHistograms([block.lagUs]).maxValue / 1000, 200);
});

test('recorder: new connections: connect and admission time, at its age what was given up', () => {
  const recorder = new StreamRecorder(Float64Array.of(1000, 1100), 'new');
  recorder.send(0, 1000);
  recorder.connect(0, 1010);
  recorder.firstByte(0, 1040);
  recorder.succeed(0, 1050);
  recorder.send(1, 1100);
  recorder.leaveUnanswered(1, 3100);
  const block = toOnlyBlock(recorder, 'new');
  assert.ok(block.connectTimeUs && block.admissionTimeUs, 'no times');
  assert.equal(block.connectionWaitUs, undefined);
  const connect = mergeHistograms([block.connectTimeUs]);
  const admission = mergeHistograms([block.admissionTimeUs]);
  assertClose(connect.getValueAtPercentile(50) / 1000, 10);
  assertClose(admission.getValueAtPercentile(50) / 1000, 40);
  assertClose(connect.maxValue / 1000, 2000);
  assertClose(admission.maxValue / 1000, 2000);
});

test('recorder: kept connections: the wait for one, at its age where none came', () => {
  const recorder = new StreamRecorder(Float64Array.of(1000, 1100, 1200, 1300), 'kept');
  for (const index of [0, 1, 2, 3]) recorder.send(index, 1000 + index * 100);
  recorder.succeed(0, 1700);
  for (const index of [1, 2, 3]) recorder.beginConnectionWait(index);
  recorder.endConnectionWait(1, 1700);
  recorder.succeed(1, 1800);
  recorder.endConnectionWait(2, 1800);
  // A failure has no time, but it has waited.
  recorder.fail(2, 'reset', 1850);
  recorder.timeOut(3, 'timeout', 2300);
  const block = toOnlyBlock(recorder);
  assert.equal(block.waitedForConnection, 3);
  assert.ok(block.connectionWaitUs, 'no waits');
  const waits = mergeHistograms([block.connectionWaitUs]);
  assert.deepEqual(
    [...readCounts(waits)].map(([us, count]) => [Math.round(us / 10_000) * 10, count]),
    [
      [600, 2],
      [1000, 1],
    ],
  );
  const sendToEnd = mergeHistograms([block.sendToEndUs]);
  assert.equal(sendToEnd.totalCount, 3);
  assertClose(sendToEnd.maxValue / 1000, 1000);
  assertClose(sendToEnd.minNonZeroValue / 1000, 700);
});

test('recorder: what the target says a call took: kept with it, absent where it says nothing', () => {
  const recorder = new StreamRecorder(Float64Array.of(1000, 1100, 1200), 'kept');
  for (const index of [0, 1, 2]) recorder.send(index, 1000 + index * 100);
  recorder.succeed(0, 1010);
  assert.equal(toOnlyBlock(recorder).taskTimeUs, undefined);
  recorder.taskTime(1, 7);
  recorder.succeed(1, 1110);
  recorder.taskTime(2, 0.5);
  recorder.fail(2, '500', 1210);
  const { taskTimeUs } = toOnlyBlock(recorder);
  assert.ok(taskTimeUs, 'no times');
  const times = mergeHistograms([taskTimeUs]);
  assert.equal(times.totalCount, 2);
  assertClose(times.maxValue, 7000);
});

test('recorder: bodies of a stream: not in its result', () => {
  const plan: StreamPlan = {
    name: 'compute',
    method: 'POST',
    path: '/compute',
    bodies: ['{}'],
    connection: { kind: 'new' },
    timeoutMs: 1000,
    schedule: { kind: 'constant', arrivalRatePerSec: 1, phaseMs: 0 },
  };
  const { bodies: _, ...rest } = plan;
  const result = toStreamResult(plan, [], window);
  assert.deepEqual(result.plan, rest);
  assert.deepEqual(streamResultSchema.parse(result), result);
});

test('recorder: more kinds of error than a byte holds: the rest is counted together', () => {
  const recorder = new StreamRecorder(new Float64Array(400).fill(1000), 'kept');
  for (let index = 0; index < 400; index += 1) {
    recorder.send(index, 1000);
    recorder.fail(index, `kind ${index}`, 1001);
  }
  const { errors } = toOnlyBlock(recorder);
  const counts = Object.values(errors);
  assert.equal(
    counts.reduce((sum, count) => sum + count),
    400,
  );
  assert.equal(errors.other, 145);
});

test('recorder: any times: percentiles of merged blocks are those of all requests', () => {
  const request = fc.record({
    intendedMs: fc.double({ min: 1000, max: 1999, noNaN: true }),
    durationMs: fc.double({ min: 0.001, max: 60_000, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(request, { minLength: 1, maxLength: 300 }), (requests) => {
      const recorder = new StreamRecorder(
        Float64Array.from(requests, ({ intendedMs }) => intendedMs),
        'kept',
      );
      for (const [index, { intendedMs, durationMs }] of requests.entries()) {
        recorder.send(index, intendedMs);
        recorder.succeed(index, intendedMs + durationMs);
      }
      const blocks = toBlocks([...recorder.records()], window, 'kept');
      const merged = mergeHistograms(blocks.map(({ responseTimeUs }) => responseTimeUs));
      const sortedUs = requests
        .map(({ intendedMs, durationMs }) =>
          Math.round((intendedMs + durationMs - intendedMs) * 1000),
        )
        .sort((a, b) => a - b);
      assert.equal(merged.totalCount, requests.length);
      for (const percentile of [50, 95, 99, 100]) {
        const rank = Math.ceil((percentile * sortedUs.length) / 100);
        assertClose(merged.getValueAtPercentile(percentile), sortedUs[rank - 1] ?? Number.NaN);
      }
    }),
  );
});

/** Within a histogram's precision: three digits, at least one microsecond. */
function assertClose(actual: number, expected: number): void {
  const tolerance = Math.max(1, Math.abs(expected) / 1000);
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
}

test('histogram: any values: read as the library itself would', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 3_600_000_000 }), { maxLength: 50 }), (valuesUs) => {
      const histogram = createHistogram();
      for (const us of valuesUs) histogram.recordValue(us);
      assert.ok(histogram instanceof JsHistogram);
      const expected: [number, number][] = [];
      const iterator = histogram.recordedValuesIterator;
      for (iterator.reset(); iterator.hasNext(); ) {
        const { valueIteratedTo, countAtValueIteratedTo } = iterator.next();
        expected.push([valueIteratedTo, countAtValueIteratedTo]);
      }
      assert.deepEqual([...readCounts(histogram)], expected);
    }),
    { numRuns: 50 },
  );
});

/** A request of a given response time, sent when it was meant to be. */
function recordOf(
  intendedMs: number,
  responseMs: number,
  outcome: RequestRecord['outcome'] = 'succeeded',
): RequestRecord {
  return {
    outcome,
    intendedMs,
    sentMs: intendedMs,
    endMs: intendedMs + responseMs,
    connectedMs: Number.NaN,
    firstByteMs: Number.NaN,
    connectionFreeMs: Number.NaN,
    taskMs: Number.NaN,
    kind: '',
  };
}

/** Every 10 ms of the window. */
const startsMs = Array.from({ length: 100 }, (_, index) => window.startMs + 10 * index);

function growthOf(records: readonly RequestRecord[]): number {
  return measureGrowth(records, window) ?? Number.NaN;
}

function assertNear(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-6 * Math.max(1, Math.abs(expected)), `${actual}`);
}

test('growth: known answers: of the response time per second of load', () => {
  assertNear(growthOf(startsMs.map((atMs) => recordOf(atMs, 20))), 0);
  // W(t) = 0.3 t
  const growing = startsMs.map((atMs) => recordOf(atMs, 0.3 * (atMs - window.startMs)));
  assertNear(growthOf(growing), 300);
  // All given up at one moment: each is younger by as much as it left later.
  for (const outcome of ['unanswered', 'timed-out'] as const) {
    assertNear(growthOf(startsMs.map((atMs) => recordOf(atMs, 5000 - atMs, outcome))), -1000);
  }
  const others = [
    ...startsMs.map((atMs) => recordOf(atMs, 5000 - atMs, 'failed')),
    ...startsMs.map((atMs) => recordOf(atMs, Number.NaN, 'unsent')),
    // Before the window and after it.
    recordOf(999, 9000),
    recordOf(2000, 9000),
  ];
  assertNear(growthOf([...others, ...growing]), 300);
});

test('growth: nothing to draw a line through: none', () => {
  assert.equal(measureGrowth([], window), null);
  assert.equal(measureGrowth([recordOf(1000, 5)], window), null);
  assert.equal(measureGrowth([recordOf(1000, 5), recordOf(1500, 5, 'failed')], window), null);
  // All at the same moment, of which neither sum nor mean is exact.
  for (const count of [2, 3, 7, 10]) {
    const together = Array.from({ length: count }, (_, index) => recordOf(1000.1, index));
    assert.equal(measureGrowth(together, window), null, `${count}`);
  }
});

test('growth: any records: the same for a shifted run and for slower answers alike, in proportion otherwise', () => {
  const request = fc.record({
    atMs: fc.integer({ min: 0, max: 999 }),
    responseMs: fc.double({ min: 0, max: 5000, noNaN: true }),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(request, { minLength: 2, maxLength: 50, selector: ({ atMs }) => atMs }),
      fc.double({ min: 0, max: 1000, noNaN: true }),
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      fc.integer({ min: 0, max: 100_000 }),
      (requests, addedMs, factor, laterMs) => {
        const measure = (change: (responseMs: number) => number, startMs = window.startMs) =>
          measureGrowth(
            requests.map(({ atMs, responseMs }) => recordOf(startMs + atMs, change(responseMs))),
            { ...window, startMs },
          ) ?? Number.NaN;
        const growth = measure((ms) => ms);
        // Least squares of values up to 5,000 ms over no less than a millisecond.
        const toleranceMsPerSec = 1e-3;
        const assertSame = (actual: number, expected: number) =>
          assert.ok(
            Math.abs(actual - expected) <= toleranceMsPerSec * Math.max(1, factor),
            `${actual} ${expected}`,
          );
        assertSame(
          measure((ms) => ms + addedMs),
          growth,
        );
        assertSame(
          measure((ms) => ms * factor),
          growth * factor,
        );
        assertSame(
          measure((ms) => ms, window.startMs + laterMs),
          growth,
        );
        // The same line, turned by what grows with the start.
        const tilted = requests.map(({ atMs, responseMs }) =>
          recordOf(window.startMs + atMs, responseMs + 0.3 * atMs),
        );
        assertSame(growthOf(tilted), growth + 300);
      },
    ),
  );
});
