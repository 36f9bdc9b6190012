import type { DiscardedRun, LabResult } from '../result/result.ts';
import type { ValidityReason } from '../result/validity.ts';
import { renderDuration, renderPercent } from './units.ts';

/** CPU time taken by the hypervisor below this share explains nothing. */
const worthNaming = 0.01;

/** Why there are no runs, where none were planned. */
export const withoutLoad =
  'No load was put on it: so short a task would make it a load test of HTTP and of the load generator.';

/** A sentence, and what it speaks of, an item each. */
export interface Finding {
  readonly sentence: string;
  readonly items: readonly string[];
}

/** One sentence when every run can be trusted, else a line for each reason why not; then what was made again. */
export function renderValidity(
  result: Pick<LabResult, 'runs' | 'plan' | 'complete' | 'discarded'>,
): string[] {
  const { runs, plan, complete } = result;
  const incomplete = complete
    ? []
    : [`INCOMPLETE: stopped after ${runs.length} of ${plan.runs.length} runs.`];
  if (plan.runs.length === 0) return [...incomplete, withoutLoad];
  if (runs.length === 0) return [...incomplete, 'Nothing was measured.'];
  const findings = [judgeRuns(result), describeRepeats(result)];
  return [
    ...incomplete,
    ...findings.flatMap((finding) =>
      finding === undefined ? [] : [finding.sentence, ...finding.items.map((item) => `  ${item}`)],
    ),
  ];
}

/** Whether the runs can be trusted, and each reason why not. */
export function judgeRuns({ runs, plan }: Pick<LabResult, 'runs' | 'plan'>): Finding {
  const reasons = runs.flatMap(listReasons);
  return reasons.length === 0
    ? { sentence: renderKept(plan, runs), items: [] }
    : { sentence: renderInvalid(plan, runs), items: reasons };
}

/**
 * Virtual users that were late all the same sent what is counted as sent, and what failed did fail: then only times are
 * worthless. Of an open model's schedule the lateness is part of every figure.
 */
function renderInvalid(
  { loadUnit }: Pick<LabResult['plan'], 'loadUnit'>,
  runs: LabResult['runs'],
): string {
  const isOnlyTimes = runs.every(({ invalidReasons }) =>
    invalidReasons.every(({ code }) => code === 'GENERATOR_LATE' || code === 'GENERATOR_BUSY'),
  );
  return loadUnit === 'virtual users' && isOnlyTimes
    ? 'INVALID: how many requests were sent and how many failed holds, but do not use the times, because'
    : 'INVALID: do not use these figures, because';
}

/**
 * Which rounds were made again, and why; undefined when none was. Whose run was disturbed is said per target, because
 * it may be the hungrier one's.
 */
export function describeRepeats({
  plan,
  discarded,
}: Pick<LabResult, 'plan' | 'discarded'>): Finding | undefined {
  if (discarded.length === 0) return undefined;
  const rounds = Math.ceil(discarded.length / Math.max(1, plan.targets.length));
  const counts = plan.targets.map(({ name }) => {
    const spoiled = discarded.filter(
      ({ plan, invalidReasons }) => plan.target === name && invalidReasons.length > 0,
    );
    return `${name} ${spoiled.length}`;
  });
  return {
    sentence: `${rounds} ${rounds > 1 ? 'rounds were' : 'round was'} made again as a whole, because runs were disturbed (${counts.join(', ')}):`,
    items: discarded.flatMap(listReasons),
  };
}

/** Why a run cannot be trusted, a line each. */
export function listReasons({ plan, invalidReasons, host }: DiscardedRun): string[] {
  const { stolenCpuRatio } = host;
  const isSaid = invalidReasons.some(({ code }) => code === 'CPU_TAKEN');
  const stolen =
    isSaid || stolenCpuRatio === null || stolenCpuRatio < worthNaming
      ? ''
      : `, while other machines took ${renderExactPercent(stolenCpuRatio)} of the CPU time`;
  return invalidReasons.map((reason) => `${plan.id}: ${renderReason(reason)}${stolen}`);
}

function renderKept(
  { loadUnit }: Pick<LabResult['plan'], 'loadUnit'>,
  runs: LabResult['runs'],
): string {
  const lagsMs = runs.flatMap(({ selfCheck }) => selfCheck.lagP99Ms ?? []);
  const utilizations = runs.flatMap(({ selfCheck }) => selfCheck.eventLoopUtilization ?? []);
  if (lagsMs.length === 0 || utilizations.length === 0) {
    return 'Valid: the load generator sent what it was meant to send. How late it was it does not tell.';
  }
  const isRealTime = runs.every(({ selfCheck }) => selfCheck.isRealTime);
  const what = loadUnit === 'threads' ? 'kept its schedule' : 'kept up with its virtual users';
  return (
    `Valid: the load generator ${what} (p99 of its lateness ${renderDuration(Math.max(...lagsMs))}, ` +
    `${renderPercent(Math.max(...utilizations))} busy, both at worst${isRealTime ? '; real-time priority' : ''}).`
  );
}

/** Why a run cannot be trusted, in words. */
export function renderReason({ code, value, limit, detail }: ValidityReason): string {
  switch (code) {
    case 'CPU_TAKEN':
      return `other processes and machines took ${renderExactPercent(value)} of the CPU time while little was left (at most ${renderExactPercent(limit)})`;
    case 'GENERATOR_LATE':
      return `the load generator sent late, p99 ${renderDuration(value)} (at most ${renderDuration(limit)})`;
    case 'GENERATOR_BUSY':
      return `the load generator was ${renderExactPercent(value)} busy (at most ${renderExactPercent(limit)})`;
    case 'SCHEDULE_NOT_SENT':
      return `only ${renderExactPercent(value)} of the requests left in time (at least ${renderExactPercent(limit)})`;
    case 'GENERATOR_ERROR':
      return `the load generator ran into ${detail ?? 'a limit'} of its own, ${value} times`;
    case 'NO_ANSWERS':
      return `not one request of ${detail ?? 'a stream'} was answered or timed`;
  }
}

function renderExactPercent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`;
}
