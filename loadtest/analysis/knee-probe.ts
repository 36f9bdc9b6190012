import type { RunResult } from '../result/result.ts';
import type { StreamResult } from '../result/stream-result.ts';
import type { Probe } from './knee-search.ts';
import { judgedStream } from './levels.ts';
import { type StreamSummary, summarizeStream } from './summarize-stream.ts';

/** Why a load was not carried, as data. */
export type ProbeFailure =
  | { readonly kind: 'slow'; readonly p99Ms: number }
  | {
      readonly kind: 'errors';
      readonly stream: string;
      readonly error: string;
      readonly count: number;
    }
  | { readonly kind: 'unanswered'; readonly stream: string; readonly count: number };

/** What one run says about its load. */
export interface JudgedProbe extends Probe {
  /** Empty unless it failed. */
  readonly failures: readonly ProbeFailure[];
}

/** The outcome of a probe's run: it passed when p99 of the judged stream is below the SLO and nothing failed in any. */
export function judgeProbe(
  { plan, streams, invalidReasons }: Pick<RunResult, 'plan' | 'streams' | 'invalidReasons'>,
  sloP99Ms: number,
): JudgedProbe {
  const { offeredLoad, measureMs } = plan;
  // Without any answer the target has failed, whatever that means for percentiles.
  if (invalidReasons.some(({ code }) => code !== 'NO_ANSWERS')) {
    return { offeredLoad, outcome: 'invalid', failures: [] };
  }
  const failures = streams.flatMap((stream) => findFailures(stream, measureMs, sloP99Ms));
  return { offeredLoad, outcome: failures.length === 0 ? 'passed' : 'failed', failures };
}

function findFailures(stream: StreamResult, measureMs: number, sloP99Ms: number): ProbeFailure[] {
  const summary = summarizeStream([stream], measureMs);
  const { name, errors, unanswered, responseTime } = summary;
  const failures: ProbeFailure[] = Object.entries(errors).map(([error, count]) => ({
    kind: 'errors',
    stream: name,
    error,
    count,
  }));
  if (unanswered > 0) failures.push({ kind: 'unanswered', stream: name, count: unanswered });
  if (isSlow(summary, sloP99Ms)) {
    failures.push({ kind: 'slow', p99Ms: responseTime?.p99Ms ?? Number.POSITIVE_INFINITY });
  }
  return failures;
}

function isSlow({ name, responseTime }: StreamSummary, sloP99Ms: number): boolean {
  return (
    name === judgedStream &&
    !(responseTime !== undefined && (responseTime.p99Ms ?? Number.POSITIVE_INFINITY) < sloP99Ms)
  );
}
