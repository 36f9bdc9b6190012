import type { LabResult, RunResult } from '../result/result.ts';
import type { Bound } from './burst-summary.ts';
import { groupStreams, loadsOf, runsAt } from './levels.ts';
import { type StreamSummary, summarizeStream, type TimeSummary } from './summarize-stream.ts';

/** Two figures of how long newcomers waited. */
export interface AdmissionTimes {
  readonly p50: Bound | undefined;
  readonly p95: Bound | undefined;
}

/** What newcomers met on one target with so many busy clients, all repetitions together. */
export interface AdmissionSummary {
  readonly target: string;
  readonly clients: number;
  readonly newcomers: number;
  /** Failures of newcomers by kind. */
  readonly failures: Readonly<Record<string, number>>;
  readonly neverAnswered: number;
  /** Until the kernel had completed the connection; undefined: no newcomer was timed. */
  readonly connect: AdmissionTimes | undefined;
  /** Until the first byte of the answer: until the server had accepted, read and answered. */
  readonly firstByte: AdmissionTimes | undefined;
  /** The deepest accept queue in each second of the window; null where the system does not tell. */
  readonly acceptQueueBySecond: readonly (number | null)[];
  /** The busy clients' own figures. */
  readonly compute: StreamSummary | undefined;
}

/** Sums up a result of the admission experiment, by number of busy clients and then by target in the plan's order. */
export function summarizeAdmission({
  plan,
  runs,
}: Pick<LabResult, 'plan' | 'runs'>): AdmissionSummary[] {
  return loadsOf(runs).flatMap((clients) =>
    plan.targets.flatMap(({ name: target }) => {
      const own = runsAt(runs, target, clients);
      return own.length === 0 ? [] : [{ target, clients, ...summarize(own) }];
    }),
  );
}

function summarize(runs: readonly RunResult[]): Omit<AdmissionSummary, 'target' | 'clients'> {
  const measureMs = runs.reduce((sum, { plan }) => sum + plan.measureMs, 0);
  const drainMs = Math.min(...runs.map(({ plan }) => plan.drainMs));
  const streams = groupStreams(runs).map((group) => summarizeStream(group, measureMs));
  const newcomers = streams.find(({ name }) => name === 'newcomers');
  const givenUp = (newcomers?.unanswered ?? 0) + (newcomers?.timedOut ?? 0);
  // Whoever was given up was at least as old as the drain is long: anything shorter is exact.
  const toBound = (ms: number | undefined): Bound | undefined =>
    ms === undefined ? undefined : { ms, isLowerBound: givenUp > 0 && ms >= drainMs };
  const toTimes = (times: TimeSummary | undefined) =>
    times === undefined ? undefined : { p50: toBound(times.p50Ms), p95: toBound(times.p95Ms) };
  return {
    newcomers: newcomers?.sent ?? 0,
    failures: newcomers?.errors ?? {},
    neverAnswered: newcomers?.unanswered ?? 0,
    connect: toTimes(newcomers?.connectTime),
    firstByte: toTimes(newcomers?.admissionTime),
    acceptQueueBySecond: readAcceptQueue(runs),
    compute: streams.find(({ name }) => name === 'compute'),
  };
}

function readAcceptQueue(runs: readonly RunResult[]): (number | null)[] {
  const seconds = Math.ceil(Math.max(...runs.map(({ plan }) => plan.measureMs)) / 1000);
  const samples = runs.flatMap(({ telemetry, plan }) =>
    telemetry.filter(({ atMs }) => atMs < plan.measureMs),
  );
  return Array.from({ length: seconds }, (_, second) => {
    const depths = samples.flatMap(({ atMs, acceptQueue }) =>
      Math.floor(atMs / 1000) === second && acceptQueue !== null ? [acceptQueue] : [],
    );
    return depths.length === 0 ? null : Math.max(...depths);
  });
}
