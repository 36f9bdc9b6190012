import type { SelfCheck } from '../result/stream-result.ts';
import type { ValidityReason } from '../result/validity.ts';

/** Above this lateness the intended starts are fiction. */
export const maxLagP99Ms = 10;
/** Above this the generator's own queueing is in the figures. */
export const maxUtilization = 0.8;
/** Below this the offered load is not what the plan says. */
export const minSentRatio = 0.99;

/** Why what a generator measured cannot be trusted; empty when it can. */
export function judgeSelfCheck(check: SelfCheck): ValidityReason[] {
  const reasons: ValidityReason[] = [];
  if (check.lagP99Ms !== null && check.lagP99Ms > maxLagP99Ms) {
    reasons.push({ code: 'GENERATOR_LATE', value: check.lagP99Ms, limit: maxLagP99Ms });
  }
  if (check.eventLoopUtilization !== null && check.eventLoopUtilization > maxUtilization) {
    reasons.push({
      code: 'GENERATOR_BUSY',
      value: check.eventLoopUtilization,
      limit: maxUtilization,
    });
  }
  const sentRatio = check.scheduled === 0 ? 0 : check.sent / check.scheduled;
  if (sentRatio < minSentRatio) {
    reasons.push({ code: 'SCHEDULE_NOT_SENT', value: sentRatio, limit: minSentRatio });
  }
  for (const [error, count] of Object.entries(check.ownErrors)) {
    reasons.push({ code: 'GENERATOR_ERROR', value: count, limit: 0, detail: error });
  }
  return reasons;
}
