import type { LabResult } from '../result/result.ts';
import type { Estimate } from '../stats/estimate.ts';
import { isSteady } from '../stats/steady-state.ts';
import { headlinePercentile } from './headline.ts';
import { compareKnees, findKnees } from './knee.ts';
import { judgedStream, type LevelSummary } from './levels.ts';
import type { OverheadSummary } from './overhead-summary.ts';
import { mayBeCached } from './service-time.ts';
import { type ContrastVerdict, verdictOf } from './verdict.ts';

/** Whether to hand the task to the pool. `not measured`: there was no run that could say so. */
export interface OffloadAdvice {
  readonly answer: 'yes' | 'no' | 'cannot tell' | 'not measured';
  /** What the answer rests on. */
  readonly reasons: readonly OffloadReason[];
}

/** One measured reason for or against handing the task over. */
export type OffloadReason =
  /** p95 of everybody else's requests, inline ÷ pool, at a load that both carry. */
  | { readonly kind: 'ratio'; readonly offeredLoad: number; readonly ratio: Estimate }
  /** One mode does not keep up with a load that the other carries. */
  | {
      readonly kind: 'overload';
      readonly offeredLoad: number;
      readonly overloaded: string;
      readonly growthMsPerSec: Estimate;
    }
  /** How many times as much the pool carries as inline. */
  | { readonly kind: 'knee'; readonly low: number; readonly high: number }
  /** The task is shorter than what handing it over costs the event loop. */
  | { readonly kind: 'too short'; readonly breakEvenMs: Estimate }
  /** Later calls take far less than the first: the task may remember its inputs. */
  | { readonly kind: 'cached' }
  | { readonly kind: 'invalid' };

/** What {@link adviseOffload} judges by. */
export interface OffloadEvidence {
  readonly isTrusted: boolean;
  readonly verdict: ContrastVerdict | undefined;
  readonly overhead: OverheadSummary | undefined;
}

/**
 * Whether to offload, from the effect on everybody else first, and from the break-even where that shows none. Of a task
 * that may remember its inputs it is not known how long its work is, so only what speaks for offloading holds.
 */
export function adviseOffload(result: LabResult, evidence: OffloadEvidence): OffloadAdvice {
  const advice = adviseByFigures(result, evidence);
  if (advice.answer === 'not measured' || !mayBeCached(result.calibration)) return advice;
  return {
    answer: advice.answer === 'yes' ? 'yes' : 'cannot tell',
    reasons: [...advice.reasons, { kind: 'cached' }],
  };
}

function adviseByFigures(result: LabResult, evidence: OffloadEvidence): OffloadAdvice {
  const { isTrusted, verdict, overhead } = evidence;
  const { serviceTimeMs } = result.calibration;
  const breakEvenMs = overhead?.breakEvenMs;
  const tooShort: readonly OffloadReason[] =
    breakEvenMs !== undefined && serviceTimeMs < breakEvenMs.low
      ? [{ kind: 'too short', breakEvenMs }]
      : [];
  if (result.plan.runs.length === 0 && overhead !== undefined) {
    return { answer: tooShort.length > 0 ? 'no' : 'cannot tell', reasons: tooShort };
  }
  const effect = result.experiment === 'knee' ? judgeKnees(result) : judgeContrast(result, verdict);
  if (effect.answer === 'not measured') return effect;
  if (!isTrusted) return { answer: 'cannot tell', reasons: [{ kind: 'invalid' }] };
  return effect.answer === 'cannot tell' && tooShort.length > 0
    ? { answer: 'no', reasons: [...effect.reasons, ...tooShort] }
    : effect;
}

function judgeKnees(result: LabResult): OffloadAdvice {
  const knees = findKnees(result);
  const inline = knees.find(({ mode }) => mode === 'inline');
  const pool = knees.find(({ mode }) => mode === 'pool');
  if (inline === undefined || pool === undefined) return { answer: 'not measured', reasons: [] };
  const ratio = compareKnees(pool, inline);
  if (ratio === undefined) return { answer: 'cannot tell', reasons: [] };
  const answer = ratio.low > 1 ? 'yes' : ratio.high < 1 ? 'no' : 'cannot tell';
  return { answer, reasons: [{ kind: 'knee', ...ratio }] };
}

function judgeContrast(result: LabResult, verdict: ContrastVerdict | undefined): OffloadAdvice {
  const modeOf = (target: string | undefined) =>
    result.runs.find(({ plan }) => plan.target === target)?.server.mode;
  if (modeOf(verdict?.first) !== 'inline' || modeOf(verdict?.second) !== 'pool') {
    return { answer: 'not measured', reasons: [] };
  }
  const loaded = (verdict?.comparisons ?? []).filter(
    ({ stream, percentile, offeredLoad }) =>
      stream === judgedStream && percentile === headlinePercentile && offeredLoad > 0,
  );
  if (loaded.length === 0) return { answer: 'not measured', reasons: [] };
  const overloads = listOverloads(verdict?.levels ?? []);
  const isBetter =
    loaded.some((comparison) => verdictOf(comparison) === 'better') ||
    overloads.some(({ overloaded }) => overloaded === verdict?.first);
  const isWorse =
    loaded.some((comparison) => verdictOf(comparison) === 'worse') ||
    overloads.some(({ overloaded }) => overloaded === verdict?.second);
  const answer = isBetter === isWorse ? 'cannot tell' : isBetter ? 'yes' : 'no';
  // A clear answer cites the loads that decided it; "cannot tell" cites all.
  const telling = { yes: 'better', no: 'worse', 'cannot tell': undefined }[answer];
  const ratios = loaded.flatMap((comparison) => {
    const { offeredLoad, ratio } = comparison;
    if (ratio === undefined) return [];
    const isTelling = telling === undefined || verdictOf(comparison) === telling;
    return isTelling ? { kind: 'ratio' as const, offeredLoad, ratio } : [];
  });
  return { answer, reasons: [...ratios, ...overloads] };
}

/** The loads that one target carries and the other does not. */
function listOverloads(
  levels: readonly LevelSummary[],
): Extract<OffloadReason, { kind: 'overload' }>[] {
  return levels.flatMap(({ target, offeredLoad, trend }) => {
    const other = levels.find(
      (level) => level.offeredLoad === offeredLoad && level.target !== target,
    );
    const growthMsPerSec = trend?.growthMsPerSec;
    return trend?.state === 'does not keep up' &&
      growthMsPerSec !== undefined &&
      other?.trend !== undefined &&
      isSteady(other.trend.state)
      ? { kind: 'overload' as const, offeredLoad, overloaded: target, growthMsPerSec }
      : [];
  });
}
