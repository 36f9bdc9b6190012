import type { Calibration } from '../result/result.ts';
import { mean } from '../stats/estimate.ts';
import { median } from './statistics.ts';

/** Calls are timed to a microsecond; a shorter one counts as one. */
const shortestMs = 0.001;

/**
 * The time one call occupies a thread, in milliseconds: the lowest of the rounds' medians. A median, because calls may
 * differ; the lowest, because what else goes on in a machine only ever adds time (Chen and Revels, "Robust
 * benchmarking in noisy environments", 2016) and lasts longer than a round. Of several inputs, whose calls differ by
 * nature, the lowest mean: the load is made of means. NaN without rounds.
 */
export function findServiceTime(
  rounds: readonly Pick<Calibration['rounds'][number], 'samplesMs'>[],
  inputs = 1,
): number {
  if (rounds.length === 0) return Number.NaN;
  const middle = inputs > 1 ? mean : median;
  return Math.max(shortestMs, Math.min(...rounds.map(({ samplesMs }) => middle(samplesMs))));
}

/** Whether later calls take so much less than the first that the task may remember its inputs. */
export function mayBeCached({ rounds }: Pick<Calibration, 'rounds'>): boolean {
  return rounds.every(({ firstMs, samplesMs }) => firstMs > 5 && firstMs > 20 * median(samplesMs));
}
