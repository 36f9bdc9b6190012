import { judgeSelfCheck } from '../generator/self-check.ts';
import type { LabResult, RunResult } from '../result/result.ts';
import type { LoadResult } from '../result/stream-result.ts';
import type { ValidityReason } from '../result/validity.ts';

/**
 * Above this share of CPU time taken by other machines, times say more about them. It is judged before the generator's
 * lateness, because it does not lean towards either target: whoever wants more CPU is late more often (simulated:
 * rounds repeated for their lateness favour the hungrier of two targets by up to 7 %, for this by 0.5 %).
 */
export const maxStolenCpuRatio = 0.1;

/** Why a run's figures cannot be trusted; empty when they can. */
export function findInvalidReasons(
  { streams, selfCheck }: LoadResult,
  { stolenCpuRatio }: RunResult['host'],
): ValidityReason[] {
  const stolen = stolenCpuRatio ?? 0;
  const reasons: ValidityReason[] =
    stolen > maxStolenCpuRatio
      ? [{ code: 'CPU_STOLEN', value: stolen, limit: maxStolenCpuRatio }]
      : [];
  reasons.push(...judgeSelfCheck(selfCheck));
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

/** Whether a run says nothing because it was disturbed, so that another try may say something. */
export function isRepeatable({
  invalidReasons,
}: Pick<LabResult['runs'][number], 'invalidReasons'>): boolean {
  return invalidReasons.some(({ code }) => code !== 'NO_ANSWERS');
}
