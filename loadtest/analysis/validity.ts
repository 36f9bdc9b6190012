import { judgeSelfCheck } from '../generator/self-check.ts';
import type { LabResult } from '../result/result.ts';
import type { LoadResult } from '../result/stream-result.ts';
import type { ValidityReason } from '../result/validity.ts';

/** Why a run's figures cannot be trusted; empty when they can. */
export function findInvalidReasons({ streams, selfCheck }: LoadResult): ValidityReason[] {
  const reasons = judgeSelfCheck(selfCheck);
  for (const { plan, blocks } of streams) {
    const timed = blocks.reduce((sum, block) => sum + block.sent - countFailed(block), 0);
    if (timed === 0) {
      reasons.push({ code: 'NO_ANSWERS', value: 0, limit: 1, detail: plan.name });
    }
  }
  return reasons;
}

/** Whether every run of a result can be trusted. */
export function isValid({ runs }: Pick<LabResult, 'runs'>): boolean {
  return runs.every(({ invalidReasons }) => invalidReasons.length === 0);
}

function countFailed({
  errors,
  timedOut,
}: LoadResult['streams'][number]['blocks'][number]): number {
  return Object.values(errors).reduce((sum, count) => sum + count, 0) - timedOut;
}

/** Whether a run says nothing because the generator was held up, so that another try may say something. */
export function isRepeatable({
  invalidReasons,
}: Pick<LabResult['runs'][number], 'invalidReasons'>): boolean {
  return invalidReasons.some(({ code }) => code !== 'NO_ANSWERS');
}
