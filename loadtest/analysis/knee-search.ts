/** What one run says about its load. `invalid`: nothing, the generator did not keep up. */
export type ProbeOutcome = 'passed' | 'failed' | 'invalid';

/** One run of a search. */
export interface Probe {
  readonly offeredLoad: number;
  readonly outcome: ProbeOutcome;
}

/** Where a search looks, and how closely. */
export interface SearchSpace {
  readonly lowest: number;
  readonly highest: number;
  /** The search ends when the bracket's ends are no further apart than this share of the lower one. */
  readonly resolution: number;
  /** Where the knee is guessed to be, and looked for first. A bad guess costs runs, never correctness. */
  readonly likely: { readonly low: number; readonly high: number };
  /** Runs at most, repeated ones included. */
  readonly maxProbes: number;
}

/** What a search knows: the knee lies between the highest load that passed and the lowest that failed. */
export interface Bracket {
  /** Undefined: nothing passed. */
  readonly passed: number | undefined;
  /** Undefined: nothing failed. */
  readonly failed: number | undefined;
}

/** How often a load may fail before it counts as failed: one noisy second must not decide. */
const failuresToFail = 2;
/** How often in a row a load is tried again because the generator did not keep up. */
const maxInvalidInARow = 5;

/** The bracket after the runs of one search. A load that passed once has passed. */
export function toBracket(history: readonly Probe[]): Bracket {
  const passed = loadsOf(history, 'passed');
  const failed = loadsOf(history, 'failed').filter(
    (load) => !passed.includes(load) && countFailures(history, load) >= failuresToFail,
  );
  return {
    passed: passed.length === 0 ? undefined : Math.max(...passed),
    failed: failed.length === 0 ? undefined : Math.min(...failed),
  };
}

/**
 * The load to try next, or undefined when the search is over: bisection on the logarithm of the load, in which
 * a failing run is repeated once and one that says nothing up to four times. It begins within the guess and leaves it
 * when it arrives at one of its ends; the ends of the space are tried in the same way, at last.
 */
export function nextProbe(history: readonly Probe[], space: SearchSpace): number | undefined {
  if (history.length >= space.maxProbes) return undefined;
  const last = history.at(-1);
  if (last === undefined) return nextBetween(toBracket(history), space);
  if (last.outcome === 'invalid') {
    return countInvalidAtEnd(history) < maxInvalidInARow ? last.offeredLoad : undefined;
  }
  if (last.outcome === 'failed' && countFailures(history, last.offeredLoad) < failuresToFail) {
    return last.offeredLoad;
  }
  return nextBetween(toBracket(history), space);
}

/** How many more runs a search will take at most, if no run says nothing. */
export function countProbesLeft(history: readonly Probe[], space: SearchSpace): number {
  const { low, high } = toBounds(toBracket(history), space);
  const width = Math.log(high / low);
  const halvings = Math.max(0, Math.ceil(Math.log2(width / Math.log1p(space.resolution))));
  return Math.min(failuresToFail * halvings, Math.max(0, space.maxProbes - history.length));
}

function nextBetween(bracket: Bracket, space: SearchSpace): number | undefined {
  const { passed, failed } = bracket;
  const { low, high } = toBounds(bracket, space);
  if (isWider(low, high, space)) return Math.sqrt(low * high);
  if (passed === undefined && failed !== space.lowest) return space.lowest;
  if (failed === undefined && passed !== space.highest) return space.highest;
  return undefined;
}

function loadsOf(history: readonly Probe[], outcome: ProbeOutcome): number[] {
  return history.filter((probe) => probe.outcome === outcome).map(({ offeredLoad }) => offeredLoad);
}

function countFailures(history: readonly Probe[], load: number): number {
  return loadsOf(history, 'failed').filter((failed) => failed === load).length;
}

function countInvalidAtEnd(history: readonly Probe[]): number {
  const lastUseful = history.findLastIndex(({ outcome }) => outcome !== 'invalid');
  return history.length - 1 - lastUseful;
}

/** What is known, and where nothing is known yet, what is guessed, until that is proved wrong or is out of the space. */
function toBounds({ passed, failed }: Bracket, space: SearchSpace): { low: number; high: number } {
  const { lowest, highest, likely } = space;
  const isLowLikely =
    likely.low < highest && (failed === undefined || isWider(likely.low, failed, space));
  const isHighLikely =
    likely.high > lowest && (passed === undefined || isWider(passed, likely.high, space));
  return {
    low: passed ?? (isLowLikely ? Math.max(lowest, likely.low) : lowest),
    high: failed ?? (isHighLikely ? Math.min(highest, likely.high) : highest),
  };
}

function isWider(low: number, high: number, { resolution }: SearchSpace): boolean {
  return high > low * (1 + resolution);
}
