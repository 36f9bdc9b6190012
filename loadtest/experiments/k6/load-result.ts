import { type MeasuredWindow, toStreamResult } from '../../generator/blocks.ts';
import type { StreamPlan } from '../../generator/load-plan.ts';
import type { RequestRecord } from '../../generator/request-record.ts';
import { createHistogram, encodeHistogram } from '../../result/histogram.ts';
import type { LoadResult, SelfCheck, StreamResult } from '../../result/stream-result.ts';
import { classifyK6Failure, isK6Fault, isK6Timeout } from './error-kind.ts';
import type { K6Request, K6Samples } from './samples.ts';

/** k6 begins an iteration on time or drops it, and does not tell which of those it began were a little late. */
const notTold = encodeHistogram(createHistogram());

/**
 * What k6 measured in the lab's own form. Response time is k6's `blocked` + `duration`, from the beginning of the
 * iteration; service time is its `duration`, which leaves connecting out. A dropped iteration is one not sent.
 */
export function toLoadResult(
  samples: K6Samples,
  streams: readonly StreamPlan[],
  window: MeasuredWindow,
): LoadResult {
  const startEpochMs = findStartEpochMs(samples, streams);
  const results = streams.map((plan): StreamResult => {
    const records = [...toRecords({ ...samples, startEpochMs }, plan)];
    const result = toStreamResult(plan, records, window);
    return { ...result, blocks: result.blocks.map((block) => ({ ...block, lagUs: notTold })) };
  });
  return {
    windowStartEpochMs: startEpochMs + window.startMs,
    streams: results,
    selfCheck: checkSelf(results),
  };
}

/**
 * When it all began. k6 tells a scenario's start in whole milliseconds and a request's times more exactly, so that the
 * first requests can seem to have left before it; they must not fall out of the window for that.
 */
function findStartEpochMs(samples: K6Samples, streams: readonly StreamPlan[]): number {
  let startEpochMs = samples.startEpochMs;
  for (const stream of streams) {
    for (const request of requestsOf(samples, stream)) {
      startEpochMs = Math.min(startEpochMs, findIntendedEpochMs(request, stream));
    }
  }
  return startEpochMs;
}

/** When an iteration began. Epoch times are so large that the order of operations shows: this is the only one. */
function findIntendedEpochMs(request: K6Request, stream: StreamPlan): number {
  return request.endEpochMs - findServiceMs(request, stream) - request.blockedMs;
}

/** k6 times nothing of a request that it gave up while it was still connecting. */
function findServiceMs(request: K6Request, { timeoutMs }: StreamPlan): number {
  return isTimed(request) ? request.durationMs : timeoutMs;
}

function isTimed({ errorCode, durationMs }: K6Request): boolean {
  return !isK6Timeout(errorCode) || durationMs > 0;
}

function requestsOf({ requests }: K6Samples, { name }: StreamPlan): readonly K6Request[] {
  return requests.filter(({ scenario }) => scenario === name);
}

/** What k6 does not tell of a request. */
const untold = { connectionFreeMs: Number.NaN, taskMs: Number.NaN } as const;

function* toRecords(samples: K6Samples, stream: StreamPlan): Generator<RequestRecord> {
  const { startEpochMs, dropped } = samples;
  for (const request of requestsOf(samples, stream)) {
    yield toRecord(request, stream, startEpochMs);
  }
  const never = Number.NaN;
  for (const { scenario, atEpochMs } of dropped) {
    if (scenario !== stream.name) continue;
    yield {
      outcome: 'unsent',
      intendedMs: atEpochMs - startEpochMs,
      ...{ sentMs: never, endMs: never, connectedMs: never, firstByteMs: never },
      ...untold,
      kind: '',
    };
  }
}

function toRecord(request: K6Request, stream: StreamPlan, startEpochMs: number): RequestRecord {
  const { blockedMs, connectingMs, sendingMs, waitingMs } = request;
  const kind = classifyK6Failure(request);
  const isTimeout = kind !== undefined && isK6Timeout(request.errorCode);
  const intendedMs = findIntendedEpochMs(request, stream) - startEpochMs;
  const sentMs = intendedMs + blockedMs;
  return {
    outcome: kind === undefined ? 'succeeded' : isTimeout ? 'timed-out' : 'failed',
    intendedMs,
    sentMs,
    endMs: sentMs + findServiceMs(request, stream),
    // Both are counted from `sentMs`, so that they come out as what k6 calls connecting, and as all until the first byte.
    connectedMs: isTimed(request) ? sentMs + connectingMs : Number.NaN,
    firstByteMs: isTimed(request) ? sentMs + blockedMs + sendingMs + waitingMs : Number.NaN,
    ...untold,
    kind: kind ?? '',
  };
}

function checkSelf(streams: readonly StreamResult[]): SelfCheck {
  const ownErrors: Record<string, number> = {};
  let scheduled = 0;
  let sent = 0;
  for (const block of streams.flatMap(({ blocks }) => blocks)) {
    scheduled += block.scheduled;
    sent += block.sent;
    for (const [kind, count] of Object.entries(block.errors)) {
      if (isK6Fault(kind)) ownErrors[kind] = (ownErrors[kind] ?? 0) + count;
    }
  }
  return {
    scheduled,
    sent,
    lagP99Ms: null,
    eventLoopUtilization: null,
    isRealTime: null,
    ownErrors,
  };
}
