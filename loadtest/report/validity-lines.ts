import type { LabResult } from '../result/result.ts';
import type { ValidityReason } from '../result/validity.ts';
import { renderDuration } from './units.ts';

/** One sentence when every run can be trusted, else a line for each reason why not. */
export function renderValidity({
  runs,
  plan,
  complete,
}: Pick<LabResult, 'runs' | 'plan' | 'complete'>): string[] {
  const incomplete = complete
    ? []
    : [`INCOMPLETE: stopped after ${runs.length} of ${plan.runs.length} runs.`];
  if (runs.length === 0) return [...incomplete, 'Nothing was measured.'];
  const reasons = runs.flatMap(({ plan, invalidReasons }) =>
    invalidReasons.map((reason) => `  ${plan.id}: ${renderReason(reason)}`),
  );
  if (reasons.length > 0) {
    return [...incomplete, 'INVALID: do not use these figures, because', ...reasons];
  }
  const worstLagMs = Math.max(...runs.map(({ selfCheck }) => selfCheck.lagP99Ms));
  const worstUtilization = Math.max(...runs.map(({ selfCheck }) => selfCheck.eventLoopUtilization));
  return [
    ...incomplete,
    `Valid: the load generator kept its schedule (p99 of its lateness ${renderDuration(worstLagMs)}, ` +
      `${Math.round(worstUtilization * 100)} % busy, both at worst).`,
  ];
}

/** Why a run cannot be trusted, in words. */
export function renderReason({ code, value, limit, detail }: ValidityReason): string {
  switch (code) {
    case 'GENERATOR_LATE':
      return `the load generator sent late, p99 ${renderDuration(value)} (at most ${renderDuration(limit)})`;
    case 'GENERATOR_BUSY':
      return `the load generator was ${renderPercent(value)} busy (at most ${renderPercent(limit)})`;
    case 'SCHEDULE_NOT_SENT':
      return `only ${renderPercent(value)} of the requests left in time (at least ${renderPercent(limit)})`;
    case 'GENERATOR_ERROR':
      return `the load generator ran into ${detail ?? 'a limit'} of its own, ${value} times`;
    case 'NO_ANSWERS':
      return `not one request of ${detail ?? 'a stream'} was answered or timed`;
  }
}

function renderPercent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`;
}
