import type { LabResult } from '../result/result.ts';
import type { Estimate } from './bootstrap.ts';
import { compareKnees, findKnees } from './knee.ts';
import { judgedStream } from './knee-probe.ts';
import type { OverheadSummary } from './overhead-summary.ts';
import type { ContrastVerdict } from './verdict.ts';

/** Whether to hand the task to the pool. `not measured`: there was no run that could say so. */
export interface OffloadAdvice {
  readonly answer: 'yes' | 'no' | 'cannot tell' | 'not measured';
  /** What the answer rests on. */
  readonly reasons: readonly OffloadReason[];
}

/** One measured reason for or against handing the task over. */
export type OffloadReason =
  /** p99 of everybody else's requests, inline ÷ pool, at a load. */
  | { readonly kind: 'ratio'; readonly offeredLoad: number; readonly ratio: Estimate }
  /** How many times as much the pool carries as inline. */
  | { readonly kind: 'knee'; readonly low: number; readonly high: number }
  /** The task is shorter than what handing it over costs the event loop. */
  | { readonly kind: 'too short'; readonly breakEvenMs: Estimate }
  | { readonly kind: 'invalid' };

/** What {@link adviseOffload} judges by. */
export interface OffloadEvidence {
  readonly isTrusted: boolean;
  readonly verdict: ContrastVerdict | undefined;
  readonly overhead: OverheadSummary | undefined;
}

/** Whether to offload, from the effect on everybody else first, and from the break-even where that shows none. */
export function adviseOffload(result: LabResult, evidence: OffloadEvidence): OffloadAdvice {
  const { isTrusted, verdict, overhead } = evidence;
  const effect = result.experiment === 'knee' ? judgeKnees(result) : judgeRatios(result, verdict);
  if (effect.answer === 'not measured') return effect;
  if (!isTrusted) return { answer: 'cannot tell', reasons: [{ kind: 'invalid' }] };
  const breakEvenMs = overhead?.breakEvenMs;
  if (
    effect.answer === 'cannot tell' &&
    breakEvenMs !== undefined &&
    result.calibration.serviceTimeMs < breakEvenMs.low
  ) {
    return { answer: 'no', reasons: [...effect.reasons, { kind: 'too short', breakEvenMs }] };
  }
  return effect;
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

function judgeRatios(result: LabResult, verdict: ContrastVerdict | undefined): OffloadAdvice {
  const modeOf = (target: string | undefined) =>
    result.runs.find(({ plan }) => plan.target === target)?.server.mode;
  if (modeOf(verdict?.first) !== 'inline' || modeOf(verdict?.second) !== 'pool') {
    return { answer: 'not measured', reasons: [] };
  }
  const loaded = (verdict?.comparisons ?? []).filter(
    ({ stream, percentile, offeredLoad }) =>
      stream === judgedStream && percentile === 99 && offeredLoad > 0,
  );
  if (loaded.length === 0) return { answer: 'not measured', reasons: [] };
  const isBetter = loaded.some((comparison) => comparison.verdict === 'better');
  const isWorse = loaded.some((comparison) => comparison.verdict === 'worse');
  const answer = isBetter === isWorse ? 'cannot tell' : isBetter ? 'yes' : 'no';
  // For an answer speak only the loads that gave it; where there is none, all of them say why.
  const telling = { yes: 'better', no: 'worse', 'cannot tell': undefined }[answer];
  return {
    answer,
    reasons: loaded.flatMap(({ offeredLoad, ratio, verdict: own }) =>
      ratio === undefined || (telling !== undefined && own !== telling)
        ? []
        : { kind: 'ratio' as const, offeredLoad, ratio },
    ),
  };
}
