/** The percentiles that are printed and compared. */
export const comparedPercentiles = [50, 95, 99] as const;

export type ComparedPercentile = (typeof comparedPercentiles)[number];

/** Values beyond a percentile that make it more than the maximum under another name. */
const fewestBeyond = 4;

/** How many values it takes for a percentile (0 to 100) to be one: 8 for p50, 80 for p95, 400 for p99. */
export function countNeeded(percentile: number): number {
  return Math.ceil(Number((fewestBeyond / (1 - percentile / 100)).toFixed(6)));
}

/** A difference below this factor is not worth a verdict, however certain it is. */
export const minimalRatio = 1.1;
