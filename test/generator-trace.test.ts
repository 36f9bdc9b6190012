/**
 * The instrument against a stub that writes down when each request reached it and when it answered, by the same clock.
 * Held to what is true on the busiest machine: nothing is missing, nothing leaves or ends early, nothing is faster than
 * the stub was. How close the figures come is for `npm run bench:crosscheck`.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runLoad } from '../loadtest/generator/run-load.ts';
import { decodeHistogram } from '../loadtest/result/histogram.ts';
import type { BlockResult } from '../loadtest/result/stream-result.ts';
import { LabClock } from './helpers/lab-clock.ts';
import { ok, serve } from './helpers/lab-servers.ts';

const intervalMs = 10;
const requests = 50;
const clock = new LabClock();

/** How long each request waits for its answer, by its number and the time since the first. */
const delays: Record<string, (index: number, sinceFirstMs: number) => number> = {
  'one delay': () => 20,
  'two delays': (index) => (index % 10 === 9 ? 50 : 5),
  'a stall': (_, sinceFirstMs) =>
    sinceFirstMs >= 150 && sinceFirstMs < 350 ? 350 - sinceFirstMs : 0,
};

describe('generator against a trace', { concurrency: true }, () => {
  for (const [name, delayMs] of Object.entries(delays)) {
    test(`generator: stub with ${name}: tells of every request, none early, none faster than the stub`, async (t) => {
      const arrivedMs: number[] = [];
      const repliedMs: number[] = [];
      const port = await serve(t, (req, res) => {
        // A connection is being opened: no part of the load.
        if (req.url !== '/') return ok(res);
        const index = arrivedMs.push(clock.now()) - 1;
        const reply = () => {
          repliedMs[index] = clock.now();
          ok(res);
        };
        const waitMs = delayMs(index, clock.now() - (arrivedMs[0] ?? Number.NaN));
        if (waitMs > 0) clock.after(waitMs, reply);
        else reply();
      });
      const { originMs, told } = await measure(port);
      const finishedMs = clock.now();
      assert.deepEqual([told.length, arrivedMs.length, repliedMs.length], Array(3).fill(requests));

      const ended: Range[] = [];
      const earliestSentMs: number[] = [];
      for (const [index, { lagMs, serviceMs, responseMs }] of told.entries()) {
        const dueMs = originMs + index * intervalMs;
        const sum = { low: lagMs.low + serviceMs.low, high: lagMs.high + serviceMs.high };
        assert.ok(responseMs.low <= sum.high && responseMs.high >= sum.low, `request ${index}`);
        earliestSentMs.push(dueMs + lagMs.low);
        ended.push({ low: dueMs + responseMs.low, high: dueMs + responseMs.high });
      }
      // Connections may change the order. What holds for every pair of two lists still does when both are sorted.
      assertNoneBelow(arrivedMs, earliestSentMs, 'reached the stub before it was sent');
      assertNoneBelow(highest(ended), repliedMs, 'ended before the stub replied');
      assertNoneBelow(
        highest(told.map(({ serviceMs }) => serviceMs)),
        arrivedMs.map((atMs, index) => (repliedMs[index] ?? Number.NaN) - atMs),
        'took less than the stub did',
      );
      assert.ok(ended.every(({ low }) => low <= finishedMs));
    });
  }
});

/** What a histogram tells of one duration, in milliseconds: it has three digits, of whole microseconds. */
interface Range {
  readonly low: number;
  readonly high: number;
}

/** Sends the requests, and resolves with when that began and what the result tells of each. */
async function measure(port: number) {
  const { streams, windowStartEpochMs: originMs } = await runLoad(
    {
      port,
      openingPath: '/open',
      warmupMs: 0,
      measureMs: requests * intervalMs,
      drainMs: 60_000,
      // A block for each request, so that the result tells of each by itself.
      blockMs: intervalMs,
      streams: [
        {
          name: 'stub',
          method: 'GET',
          path: '/',
          connection: { kind: 'kept', connections: 64 },
          timeoutMs: 60_000,
          schedule: { kind: 'constant', arrivalRatePerSec: 1000 / intervalMs, phaseMs: 0 },
        },
      ],
    },
    clock,
  );
  return { originMs, told: streams.flatMap(({ blocks }) => blocks.map(readRequest)) };
}

function readRequest(block: BlockResult) {
  const { scheduled, sent, succeeded, timedOut, unanswered, errors } = block;
  assert.deepEqual(
    { scheduled, sent, succeeded, timedOut, unanswered, errors },
    { scheduled: 1, sent: 1, succeeded: 1, timedOut: 0, unanswered: 0, errors: {} },
  );
  return {
    lagMs: readOnly(block.lagUs),
    serviceMs: readOnly(block.sendToEndUs),
    responseMs: readOnly(block.responseTimeUs),
  };
}

/** The one duration in a histogram, which it tells by the upper end of what it does not tell apart. */
function readOnly(encoded: string): Range {
  const histogram = decodeHistogram(encoded);
  assert.equal(histogram.totalCount, 1);
  const highMs = histogram.getValueAtPercentile(100) / 1000;
  return { low: 0.999 * highMs - 0.001, high: highMs + 0.001 };
}

function highest(ranges: readonly Range[]): number[] {
  return ranges.map(({ high }) => high);
}

function assertNoneBelow(valuesMs: number[], limitsMs: number[], what: string): void {
  const limits = limitsMs.toSorted((a, b) => a - b);
  for (const [index, ms] of valuesMs.toSorted((a, b) => a - b).entries()) {
    const limitMs = limits[index] ?? Number.NaN;
    assert.ok(ms >= limitMs, `one ${what}: ${ms} < ${limitMs}`);
  }
}
