import { estimateRatio, fewestRounds } from '../stats/estimate.ts';

/** What one run says about its load. */
export interface Probe {
  readonly offeredLoad: number;
  /** False: it was disturbed and says nothing. */
  readonly isValid: boolean;
  /** p99 of the judged stream ÷ the SLO; undefined: too few of its requests were timed. */
  readonly p99ToSlo: number | undefined;
  /** Whether a request of any stream failed or was left unanswered. */
  readonly hasFailures: boolean;
}

/** What all runs at one load say together. `open`: more runs are needed. `undecided`: more would hardly help. */
export type LoadOutcome = 'passed' | 'failed' | 'undecided' | 'open';

/** Where a search looks, and how closely. */
export interface SearchSpace {
  readonly lowest: number;
  readonly highest: number;
  /** Where the search begins. A bad guess costs runs, never correctness. */
  readonly start: number;
  /** The search ends when what was carried and what was not are no further apart than this share of the lower load. */
  readonly resolution: number;
  /** Runs at most, those that say nothing included. */
  readonly maxRuns: number;
}

/** What a search knows: the knee lies between the highest load that passed and the lowest that failed. */
export interface Bracket {
  /** Undefined: nothing passed. */
  readonly passed: number | undefined;
  /** Undefined: nothing failed. */
  readonly failed: number | undefined;
  /** The loads between the two, ascending, whose p99 is too close to the SLO. */
  readonly undecided: readonly number[];
}

/** Failing runs that make a load fail: one noisy second must not decide. */
const failingRunsToFail = 2;

/** Runs scatter by about exp(0.3) around their geometric mean: 3 is 3.7 times that, so a run that far off suffices. */
const farFromSlo = 3;

/**
 * Runs at one load, at most. In simulation 8 bring the bracket from 1.44 down to 1.32 compared with 6, for no more runs
 * in all, because loads at which more are in vain are given up early.
 */
const maxRunsPerLoad = 8;

/** From this run on a load is given up when the SLO lies in the middle of the interval, within this share of its half. */
const hopeless = { fromRun: 4, shareOfHalf: 0.4 };

/** Valid runs that confirm the answer. */
const runsToConfirm = 6;

/** How often in a row a load is tried when the runs say nothing. */
const maxInvalidInARow = 5;

/** From one load to the next until the knee is bracketed: two halvings make it narrower than 5 %. */
const step = 1.2;

/** Where there are undecided loads, scatter makes the bracket wide; ends finer than twice the resolution cost runs in vain. */
const coarsening = 2;

/** About how many runs a load takes, to estimate what is left. */
const typicalRunsPerLoad = 4;

/**
 * Judges a load by all of its runs: by the 95 % interval that Student's t gives for the geometric mean of p99, which has
 * to lie wholly on one side of the SLO, and by whether requests failed.
 */
export function judgeLoad(probes: readonly Probe[]): LoadOutcome {
  const valid = probes.filter(({ isValid }) => isValid);
  const failing = valid.filter(({ hasFailures }) => hasFailures).length;
  if (failing >= failingRunsToFail) return 'failed';
  const ratios = valid.flatMap(({ p99ToSlo }) => p99ToSlo ?? []);
  if (isBelow(ratios.map((ratio) => 1 / ratio))) return 'failed';
  // A single failing run is held against others before it is forgiven.
  if (isBelow(ratios) && (failing === 0 || valid.length >= fewestRounds)) return 'passed';
  return valid.length >= maxRunsPerLoad || isHopeless(ratios) ? 'undecided' : 'open';
}

/** Whether the ratios are shown to be below 1. */
function isBelow(ratios: readonly number[]): boolean {
  if (ratios.length === 0) return false;
  const interval = estimateRatio(ratios);
  return ratios.every((ratio) => ratio < 1 / farFromSlo) || (interval?.high ?? 1) < 1;
}

function isHopeless(ratios: readonly number[]): boolean {
  const interval = ratios.length < hopeless.fromRun ? undefined : estimateRatio(ratios);
  if (interval === undefined) return false;
  const half = Math.log(interval.high / interval.value);
  return Math.abs(Math.log(interval.value)) < hopeless.shareOfHalf * half;
}

/** The bracket after the runs of one search. */
export function toBracket(history: readonly Probe[]): Bracket {
  const loads = [...new Set(history.map(({ offeredLoad }) => offeredLoad))];
  const having = (outcome: LoadOutcome) =>
    loads.filter((load) => judgeLoad(probesAt(history, load)) === outcome).sort((a, b) => a - b);
  const passed = having('passed').at(-1);
  const failed = having('failed')[0];
  const undecided = having('undecided').filter(
    (load) => load > (passed ?? 0) && load < (failed ?? Number.POSITIVE_INFINITY),
  );
  return { passed, failed, undecided };
}

/**
 * The load to try next, or undefined when the search is over. A load is tried until its runs decide; then the next lower
 * or higher one, until one has passed and one has failed; then the middle of the bracket, on the logarithm of the load.
 * Undecided loads have a bracket on either side. At last the highest load that passed is confirmed by more runs; when
 * they take it back, the search goes on.
 */
export function nextProbe(history: readonly Probe[], space: SearchSpace): number | undefined {
  if (history.length >= space.maxRuns) return undefined;
  const last = history.at(-1);
  if (last === undefined) return Math.min(space.highest, Math.max(space.lowest, space.start));
  if (!last.isValid) {
    return countInvalidAtEnd(history) < maxInvalidInARow ? last.offeredLoad : undefined;
  }
  if (judgeLoad(probesAt(history, last.offeredLoad)) === 'open') return last.offeredLoad;
  const load = isSpent(history, space) ? undefined : nextLoad(history, space);
  return load ?? (isConfirmed(history) ? undefined : toBracket(history).passed);
}

/** Whether a search came to its end, rather than being stopped or given up. */
export function isSettled(history: readonly Probe[]): boolean {
  const last = history.at(-1);
  return (
    last?.isValid === true &&
    judgeLoad(probesAt(history, last.offeredLoad)) !== 'open' &&
    isConfirmed(history)
  );
}

/** About how many more runs a search will take. */
export function countRunsLeft(history: readonly Probe[], space: SearchSpace): number {
  const bracket = toBracket(history);
  const gaps = findGaps(bracket, space);
  const isBracketed = bracket.passed !== undefined && bracket.failed !== undefined;
  // Of a bracket that is still to be found: the load that closes it, and the halvings of a step.
  const loads = isBracketed ? countHalvings(gaps, space) : 1 + countHalvings([[1, step]], space);
  const confirming = Math.max(0, runsToConfirm - countValid(history, bracket.passed));
  return Math.min(
    loads * typicalRunsPerLoad + confirming,
    Math.max(0, space.maxRuns - history.length),
  );
}

/** The runs at one load. */
export function probesAt<Item extends Pick<Probe, 'offeredLoad'>>(
  history: readonly Item[],
  load: number,
): Item[] {
  return history.filter(({ offeredLoad }) => offeredLoad === load);
}

/** Whether the runs that are left are needed to confirm what has been found. */
function isSpent(history: readonly Probe[], { maxRuns }: SearchSpace): boolean {
  return history.length > maxRuns - runsToConfirm;
}

type Gap = readonly [low: number, high: number];

function nextLoad(history: readonly Probe[], space: SearchSpace): number | undefined {
  const bracket = toBracket(history);
  const { passed, failed, undecided } = bracket;
  const loads = history.map(({ offeredLoad }) => offeredLoad);
  // As far again as was looked already, so that a knee far away is found in a few steps.
  const stride = Math.max(step, Math.max(...loads) / Math.min(...loads));
  const lowestNotPassed = undecided[0] ?? failed;
  if (passed === undefined && lowestNotPassed !== undefined && lowestNotPassed > space.lowest) {
    return Math.max(space.lowest, lowestNotPassed / stride);
  }
  const highestNotFailed = undecided.at(-1) ?? passed;
  if (failed === undefined && highestNotFailed !== undefined && highestNotFailed < space.highest) {
    return Math.min(space.highest, highestNotFailed * stride);
  }
  const [widest] = findGaps(bracket, space).sort((a, b) => b[1] / b[0] - a[1] / a[0]);
  return widest === undefined ? undefined : Math.sqrt(widest[0] * widest[1]);
}

/** What is still too wide of the bracket: one gap, or one on either side of the undecided loads. */
function findGaps({ passed, failed, undecided }: Bracket, space: SearchSpace): Gap[] {
  const [lowest = failed] = undecided;
  const highest = undecided.at(-1);
  const gaps: Gap[] = [];
  if (passed !== undefined && lowest !== undefined) gaps.push([passed, lowest]);
  if (highest !== undefined && failed !== undefined) gaps.push([highest, failed]);
  const resolution = space.resolution * (undecided.length === 0 ? 1 : coarsening);
  return gaps.filter(([low, high]) => high > low * (1 + resolution));
}

function countHalvings(gaps: readonly Gap[], { resolution }: SearchSpace): number {
  return gaps.reduce(
    (sum, [low, high]) => sum + Math.ceil(Math.log2(Math.log(high / low) / Math.log1p(resolution))),
    0,
  );
}

function isConfirmed(history: readonly Probe[]): boolean {
  const { passed } = toBracket(history);
  return passed === undefined || countValid(history, passed) >= runsToConfirm;
}

function countValid(history: readonly Probe[], load: number | undefined): number {
  return history.filter(({ offeredLoad, isValid }) => isValid && offeredLoad === load).length;
}

function countInvalidAtEnd(history: readonly Probe[]): number {
  return history.length - 1 - history.findLastIndex(({ isValid }) => isValid);
}
