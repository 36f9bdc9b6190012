/** What k6 writes, in the lab's own form. The fixture's lines are k6's, put together by hand so that every figure is known. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { mergeHistograms } from '../loadtest/analysis/percentiles.ts';
import { findInvalidReasons } from '../loadtest/analysis/validity.ts';
import { classifyK6Failure } from '../loadtest/experiments/k6/error-kind.ts';
import { toLoadResult } from '../loadtest/experiments/k6/load-result.ts';
import { collectK6Samples, readK6Samples } from '../loadtest/experiments/k6/samples.ts';
import type { StreamPlan } from '../loadtest/generator/load-plan.ts';
import { LabError } from '../loadtest/lab-error.ts';

const fixture = fileURLToPath(new URL('fixtures/k6-samples.csv', import.meta.url));
const lines = readFileSync(fixture, 'utf8').trim().split('\n');

const plan = (name: string, connection: StreamPlan['connection']): StreamPlan => ({
  name,
  method: 'GET',
  path: `/${name}`,
  connection,
  schedule: { kind: 'constant', arrivalRatePerSec: 1, phaseMs: 0 },
  timeoutMs: 400,
});
const kept = { kind: 'kept', connections: 9 } as const;
const streams = [plan('users', kept), plan('health', { kind: 'new' }), plan('compute', kept)];
/** Nothing is known of the machine. */
const host = { stolenCpuRatio: null, othersCpuRatio: null, idleCpuRatio: null };
const window = { startMs: 1000, lengthMs: 1500, blockMs: 500 };

async function convert() {
  return toLoadResult(await readK6Samples(fixture), streams, window);
}

function countIn(encoded: string): number {
  return mergeHistograms([encoded]).totalCount;
}

/** One recorded value, which a histogram knows to three digits. */
function assertHoldsOne(encoded: string | undefined, us: number): void {
  const histogram = mergeHistograms([encoded ?? '']);
  assert.equal(histogram.totalCount, 1);
  const found = histogram.getValueAtPercentile(50);
  assert.ok(Math.abs(found - us) <= us / 1000, `${found} is not ${us}`);
}

test('k6 samples: the fixture: requests whole, whatever order their samples came in', async () => {
  const { startEpochMs, requests, dropped } = await readK6Samples(fixture);
  assert.equal(startEpochMs, 1_795_489_112_000);
  assert.deepEqual(
    requests.map(({ scenario, status, errorCode, serverCode }) => [
      ...[scenario, status, errorCode, serverCode],
    ]),
    [
      ['users', 200, 0, undefined],
      ['users', 200, 0, undefined],
      ['health', 200, 0, undefined],
      ['compute', 503, 1503, 'QUEUE_FULL'],
      ['users', 0, 1212, undefined],
      ['compute', 0, 1050, undefined],
      ['health', 0, 1211, undefined],
    ],
  );
  assert.deepEqual(requests[1], {
    scenario: 'users',
    endEpochMs: 1_795_489_113_254,
    durationMs: 4,
    blockedMs: 0.002,
    connectingMs: 0,
    sendingMs: 0.05,
    waitingMs: 3.9,
    status: 200,
    errorCode: 0,
    serverCode: undefined,
  });
  assert.deepEqual(dropped, [
    { scenario: 'compute', atEpochMs: 1_795_489_113_650 },
    { scenario: 'compute', atEpochMs: 1_795_489_113_660 },
  ]);
});

test('k6 samples: as the lab counts: by the beginning of each request, within the window', async () => {
  const { windowStartEpochMs, streams: results } = await convert();
  assert.equal(windowStartEpochMs, 1_795_489_113_000);
  const counts = results.map(({ blocks }) =>
    blocks.map(({ scheduled, sent, succeeded, timedOut, completed, errors }) => ({
      ...{ scheduled, sent, succeeded, timedOut, completed },
      errors,
    })),
  );
  const none = { scheduled: 0, sent: 0, succeeded: 0, timedOut: 0, completed: 0, errors: {} };
  const one = { ...none, scheduled: 1, sent: 1 };
  const good = { ...one, succeeded: 1, completed: 1 };
  assert.deepEqual(counts, [
    // The first request was part of the warm-up.
    [good, { ...one, errors: { refused: 1 } }, none],
    // Given up while connecting, it began its timeout before that.
    [good, { ...one, timedOut: 1, errors: { 'connect timeout': 1 } }, none],
    [
      none,
      { ...one, scheduled: 4, sent: 2, timedOut: 1, errors: { '503 QUEUE_FULL': 1, timeout: 1 } },
      none,
    ],
  ]);
});

test('k6 samples: times: blocked + duration, duration, connecting, and to the first byte', async () => {
  const [users, health, compute] = (await convert()).streams;
  const [first, second] = users?.blocks ?? [];
  assertHoldsOne(first?.responseTimeUs, 4002);
  assertHoldsOne(first?.sendToEndUs, 4000);
  assert.equal(first?.connectTimeUs, undefined);
  // A refusal took no time, and is in no percentile.
  assert.equal(countIn(second?.responseTimeUs ?? ''), 0);

  const [admitted, givenUp] = health?.blocks ?? [];
  assertHoldsOne(admitted?.responseTimeUs, 60_500);
  assertHoldsOne(admitted?.sendToEndUs, 60_000);
  assertHoldsOne(admitted?.connectTimeUs, 400);
  assertHoldsOne(admitted?.admissionTimeUs, 60_400);
  // k6 timed nothing of it, so it counts at its timeout.
  assertHoldsOne(givenUp?.responseTimeUs, 400_000);
  assertHoldsOne(givenUp?.connectTimeUs, 400_000);

  assertHoldsOne(compute?.blocks[1]?.responseTimeUs, 300_500);
});

test('k6 samples: lateness: k6 does not tell, and nobody makes it up', async () => {
  const { streams: results, selfCheck } = await convert();
  for (const { lagUs } of results.flatMap(({ blocks }) => blocks)) {
    assert.equal(countIn(lagUs), 0);
  }
  assert.deepEqual(selfCheck, {
    scheduled: 8,
    sent: 6,
    lagP99Ms: null,
    eventLoopUtilization: null,
    isRealTime: null,
    ownErrors: {},
  });
});

test('k6 samples: more than 1 % dropped: the run is invalid', async () => {
  assert.deepEqual(findInvalidReasons(await convert(), host), [
    { code: 'SCHEDULE_NOT_SENT', value: 0.75, limit: 0.99 },
  ]);
});

test('k6 samples: an errno of its own when dialing: counts against k6, not against the target', async () => {
  const own = lines.map((line) => line.replace(',1212,users', ',1213,users'));
  const load = toLoadResult(await collectK6Samples(own), streams, window);
  assert.deepEqual(load.selfCheck.ownErrors, { 'dial failed (k6 1213)': 1 });
  assert.ok(findInvalidReasons(load, host).some(({ code }) => code === 'GENERATOR_ERROR'));
});

test('k6 samples: what k6 2.x does not write: refused, with the line', async () => {
  const cases: [what: string, damaged: string[], message: RegExp][] = [
    ['a column less', lines.map((line) => line.replace(/,[^,]*$/, '')), /not one of k6 2\.x/],
    ['a number that is none', [...lines, lines[5]?.replace('3.000000', 'x') ?? ''], /,x,/],
    ['a quoted cell', [...lines, lines[5]?.replace('users', '"users"') ?? ''], /"users"/],
    ['an unfinished request', lines.slice(0, 6), /samples of 1 requests incomplete/],
    ['no request', lines.slice(0, 2), /started not one request/],
    ['nothing at all', [], /started not one request/],
  ];
  for (const [what, damaged, message] of cases) {
    await assert.rejects(
      collectK6Samples(damaged),
      (error) => error instanceof LabError && error.exitCode === 3 && message.test(error.message),
      what,
    );
  }
});

test('k6 error codes: in the words of the lab', () => {
  const kinds: [errorCode: number, status: number, kind: string | undefined][] = [
    [0, 200, undefined],
    [0, 201, undefined],
    [0, 302, '302'],
    [1404, 404, '404'],
    [1500, 500, '500'],
    [1050, 0, 'timeout'],
    [1201, 0, 'reset'],
    [1211, 0, 'connect timeout'],
    [1212, 0, 'refused'],
    [1220, 0, 'reset'],
    [1000, 0, 'k6 1000'],
    [1701, 200, 'k6 1701'],
  ];
  for (const [errorCode, status, kind] of kinds) {
    assert.equal(classifyK6Failure({ errorCode, status, serverCode: undefined }), kind);
  }
  const refusal = { errorCode: 1503, status: 503, serverCode: 'WAIT_TOO_LONG' };
  assert.equal(classifyK6Failure(refusal), '503 WAIT_TOO_LONG');
});

test('k6 result: requests that seem to leave before their scenario began: counted all the same', () => {
  const window = { startMs: 0, lengthMs: 500, blockMs: 500 };
  const startEpochMs = 1_795_600_000_000;
  const times = fc.record({
    // To the microsecond, as k6 tells it, and never earlier than the rounding of a start explains.
    intendedMs: fc.integer({ min: -1000, max: 400_000 }).map((us) => us / 1000),
    durationMs: fc.double({ min: 0.01, max: 50, noNaN: true }),
    blockedMs: fc.double({ min: 0, max: 10, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(times, { minLength: 1, maxLength: 20 }), (all) => {
      const requests = all.map(({ intendedMs, durationMs, blockedMs }) => ({
        scenario: 'users',
        endEpochMs: startEpochMs + intendedMs + blockedMs + durationMs,
        ...{ durationMs, blockedMs, connectingMs: 0, sendingMs: 0, waitingMs: durationMs },
        ...{ status: 200, errorCode: 0, serverCode: undefined },
      }));
      const samples = { startEpochMs, requests, dropped: [] };
      const { streams, windowStartEpochMs } = toLoadResult(samples, [plan('users', kept)], window);
      assert.equal(streams[0]?.blocks[0]?.succeeded, all.length);
      const earliestMs = Math.min(0, ...all.map(({ intendedMs }) => intendedMs));
      assert.ok(Math.abs(windowStartEpochMs - startEpochMs - earliestMs) < 0.01);
    }),
  );
});
