import type { Calibration } from '../result/result.ts';
import { median } from './statistics.ts';

/**
 * The time one call occupies a thread, in milliseconds: the lowest of the rounds' medians. A median, because calls may
 * differ; the lowest, because what else goes on in a machine only ever adds time (Chen and Revels, "Robust
 * benchmarking in noisy environments", 2016) and lasts longer than a round. NaN without rounds.
 */
export function findServiceTime(rounds: Calibration['rounds']): number {
  if (rounds.length === 0) return Number.NaN;
  return Math.min(...rounds.map(({ samplesMs }) => median(samplesMs)));
}
