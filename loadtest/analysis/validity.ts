import { judgeSelfCheck } from '../generator/self-check.ts';
import type { LabResult, RunResult } from '../result/result.ts';
import type { LoadResult } from '../result/stream-result.ts';
import type { ValidityReason } from '../result/validity.ts';

/**
 * Above this share of CPU time taken by other processes and other machines, times say more about those. It is judged
 * before the generator's lateness, because it does not lean towards either target: whoever wants more CPU is late more
 * often (simulated: rounds repeated for their lateness favour the hungrier of two targets by up to 7 %, for this by 0.5 %).
 */
export const maxTakenCpuRatio = 0.1;

/** With more than this share of CPU time left over, what others take is not missed. */
const plentyIdleCpuRatio = 0.3;

/** Why a run's figures cannot be trusted; empty when they can. */
export function findInvalidReasons(
  { streams, selfCheck }: LoadResult,
  { stolenCpuRatio, othersCpuRatio, idleCpuRatio }: RunResult['host'],
): ValidityReason[] {
  const taken = (stolenCpuRatio ?? 0) + (othersCpuRatio ?? 0);
  const isShort = idleCpuRatio !== null && idleCpuRatio < plentyIdleCpuRatio;
  const reasons: ValidityReason[] =
    isShort && taken > maxTakenCpuRatio
      ? [{ code: 'CPU_TAKEN', value: taken, limit: maxTakenCpuRatio }]
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
