import { isOwnFault } from '../generator/error-kind.ts';
import type { BurstCase, BurstFault } from '../result/burst-result.ts';

/** Why the figures of a burst cannot be trusted; empty when they can. */
export function findBurstFaults(
  burst: Pick<BurstCase, 'errors' | 'blockedForMs' | 'openedWithinMs'>,
): BurstFault[] {
  const { errors, blockedForMs, openedWithinMs } = burst;
  const faults: BurstFault[] = [errors.beforeConnected, errors.afterConnected]
    .flatMap((counts) => Object.entries(counts))
    .filter(([error]) => isOwnFault(error))
    .map(([error, count]) => ({ code: 'CLIENT_LIMIT', error, count }));
  if (blockedForMs !== null && blockedForMs <= openedWithinMs) {
    faults.push({ code: 'LOOP_TURNED', blockedForMs, openedWithinMs });
  }
  return faults;
}
