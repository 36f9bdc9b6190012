import { type MeasuredWindow, toBlocks } from '../../generator/blocks.ts';
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
  const startEpochMs = findStartEpochMs(samples);
  const results = streams.map((plan): StreamResult => {
    const records = [...toRecords({ ...samples, startEpochMs }, plan)];
    const blocks = toBlocks(records, window, plan.connection);
    return { plan, blocks: blocks.map((block) => ({ ...block, lagUs: notTold })) };
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
function findStartEpochMs({ startEpochMs, requests }: K6Samples): number {
  return requests.reduce(
    (earliest, { endEpochMs, durationMs, blockedMs }) =>
      Math.min(earliest, endEpochMs - durationMs - blockedMs),
    startEpochMs,
  );
}

function* toRecords(
  { startEpochMs, requests, dropped }: K6Samples,
  { name, timeoutMs }: StreamPlan,
): Generator<RequestRecord> {
  for (const request of requests) {
    if (request.scenario === name) yield toRecord(request, startEpochMs, timeoutMs);
  }
  const never = Number.NaN;
  for (const { scenario, atEpochMs } of dropped) {
    if (scenario !== name) continue;
    yield {
      outcome: 'unsent',
      intendedMs: atEpochMs - startEpochMs,
      ...{ sentMs: never, endMs: never, connectedMs: never, firstByteMs: never },
      kind: '',
    };
  }
}

function toRecord(request: K6Request, startEpochMs: number, timeoutMs: number): RequestRecord {
  const { durationMs, blockedMs, connectingMs, sendingMs, waitingMs } = request;
  const kind = classifyK6Failure(request);
  const isTimeout = kind !== undefined && isK6Timeout(request.errorCode);
  const endMs = request.endEpochMs - startEpochMs;
  // k6 times nothing of a request that it gave up while it was still connecting.
  const isTimed = !isTimeout || durationMs > 0;
  const sentMs = endMs - (isTimed ? durationMs : timeoutMs);
  return {
    outcome: kind === undefined ? 'succeeded' : isTimeout ? 'timed-out' : 'failed',
    intendedMs: sentMs - blockedMs,
    sentMs,
    endMs,
    // Both are counted from `sentMs`, so that they come out as what k6 calls connecting, and as all until the first byte.
    connectedMs: isTimed ? sentMs + connectingMs : Number.NaN,
    firstByteMs: isTimed ? sentMs + blockedMs + sendingMs + waitingMs : Number.NaN,
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
  return { scheduled, sent, lagP99Ms: null, eventLoopUtilization: null, ownErrors };
}
