/** A counter or a histogram that the main thread counts up in shared memory, where the monitor can read it at any time. */
export interface SharedSeries {
  metric: string;
  labels: Readonly<Record<string, string>>;
  /** A counter has one cell; a histogram one per bucket, one for what is beyond the last, and the sum. */
  cells: Float64Array;
}

/** Upper bounds of a histogram's buckets, in seconds: around what a request takes, from well below a millisecond to its deadline. */
export const bucketsSec: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

const sumCell = bucketsSec.length + 1;

/** How many cells a histogram has. */
export const histogramCells = sumCell + 1;

/** Counts one more duration in a histogram's cells. Cheap: called for every request. */
export function observe(cells: Float64Array, durationSec: number): void {
  let bucket = 0;
  while ((bucketsSec[bucket] ?? Number.POSITIVE_INFINITY) < durationSec) bucket++;
  add(cells, bucket, 1);
  add(cells, sumCell, durationSec);
}

/** Adds to one cell; a counter's is the first. */
export function add(cells: Float64Array, cell: number, amount: number): void {
  cells[cell] = (cells[cell] ?? 0) + amount;
}

/** What a histogram's cells say: how many durations were at most as long as each bound, how many there were, their sum. */
export function readHistogram(cells: Float64Array) {
  let count = 0;
  const buckets = bucketsSec.map((upperSec, index) => {
    count += cells[index] ?? 0;
    return { upperSec, count };
  });
  // From the same reading, because the main thread may be counting meanwhile.
  count += cells[bucketsSec.length] ?? 0;
  return { buckets, count, sumSec: cells[sumCell] ?? 0 };
}
