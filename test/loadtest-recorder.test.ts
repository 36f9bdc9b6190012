import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsHistogram } from 'hdr-histogram-js';
import { mergeHistograms, toPercentiles } from '../loadtest/analysis/percentiles.ts';
import { toBlocks } from '../loadtest/generator/blocks.ts';
import { StreamRecorder } from '../loadtest/generator/recorder.ts';
import { createHistogram, readCounts } from '../loadtest/result/histogram.ts';

const window = { startMs: 1000, lengthMs: 1000, blockMs: 500 };

test('recorder: one request of every outcome: each counted once, none hidden', () => {
  const recorder = new StreamRecorder(
    Float64Array.of(900, 1000, 1100, 1200, 1300, 1600, 1900),
    'keep-alive',
  );
  for (const index of [0, 1, 2, 3, 4, 5]) recorder.send(index, 900 + index * 100);
  recorder.succeed(0, 1450);
  recorder.succeed(1, 1610);
  recorder.fail(2, '503 QUEUE_FULL', 1210);
  recorder.timeOut(3, 'timeout', 1700);
  recorder.leaveUnanswered(4, 2300);
  recorder.succeed(5, 2100);
  // Too late: it is settled already.
  recorder.succeed(4, 2400);

  const [first, second] = toBlocks(recorder.records(), window, 'keep-alive');
  assert.ok(first && second);
  const { responseTimeUs, serviceTimeUs, lagUs, ...counts } = first;
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
  });
  // The answer, the timeout and the unanswered one, not the failure.
  const times = toPercentiles(mergeHistograms([responseTimeUs]));
  assert.equal(times?.count, 3);
  assertClose(times.maxMs, 1000);
  assert.equal(mergeHistograms([lagUs]).totalCount, 4);
  assert.equal(mergeHistograms([serviceTimeUs]).totalCount, 3);
  assert.deepEqual(
    [second.scheduled, second.sent, second.succeeded, second.completed, second.unanswered],
    [2, 1, 1, 1, 0],
  );
});

test('recorder: generator late: response time counts from the intended start, service time does not', () => {
  const recorder = new StreamRecorder(Float64Array.of(1000), 'keep-alive');
  recorder.send(0, 1200);
  recorder.succeed(0, 1250);
  const [block] = toBlocks(recorder.records(), window, 'keep-alive');
  assert.ok(block);
  assertClose(mergeHistograms([block.responseTimeUs]).maxValue / 1000, 250);
  assertClose(mergeHistograms([block.serviceTimeUs]).maxValue / 1000, 50);
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
  const [block] = toBlocks(recorder.records(), window, 'new');
  assert.ok(block?.connectTimeUs && block.admissionTimeUs);
  const connect = mergeHistograms([block.connectTimeUs]);
  const admission = mergeHistograms([block.admissionTimeUs]);
  assertClose(connect.getValueAtPercentile(50) / 1000, 10);
  assertClose(admission.getValueAtPercentile(50) / 1000, 40);
  assertClose(connect.maxValue / 1000, 2000);
  assertClose(admission.maxValue / 1000, 2000);
});

test('recorder: more kinds of error than a byte holds: the rest is counted together', () => {
  const recorder = new StreamRecorder(new Float64Array(400).fill(1000), 'keep-alive');
  for (let index = 0; index < 400; index += 1) {
    recorder.send(index, 1000);
    recorder.fail(index, `kind ${index}`, 1001);
  }
  const [block] = toBlocks(recorder.records(), window, 'keep-alive');
  const counts = Object.values(block?.errors ?? {});
  assert.equal(
    counts.reduce((sum, count) => sum + count),
    400,
  );
  assert.equal(block?.errors.other, 145);
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
        'keep-alive',
      );
      for (const [index, { intendedMs, durationMs }] of requests.entries()) {
        recorder.send(index, intendedMs);
        recorder.succeed(index, intendedMs + durationMs);
      }
      const blocks = toBlocks(recorder.records(), window, 'keep-alive');
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
