import type { GeneratorRound } from '../bench/generator-bench.ts';
import type { StoreRound } from '../bench/store-bench.ts';
import type { UsersRound } from '../bench/users-bench.ts';
import { maxLagP99Ms, maxUtilization, minSentRatio } from '../generator/self-check.ts';
import { median } from './statistics.ts';

/** A few measurements of the same thing. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** A figure with the limit it is judged by. */
export interface JudgedSpread extends Spread {
  readonly limit: number | undefined;
  readonly isMissed: boolean;
}

/** What the rounds of `bench users` come to. */
export interface UsersBenchSummary {
  readonly usPerRequest: Readonly<Record<keyof UsersRound, Spread>>;
  /** At most its limit. */
  readonly oursToBare: JudgedSpread;
  /** At least its limit. */
  readonly stockToOurs: JudgedSpread;
}

const maxStartMs = 500;
const maxOursToBare = 1.2;
const maxManyToFew = 1.1;

/** What the rounds of `bench store` come to. */
export interface StoreBenchSummary {
  readonly usPerRequest: Readonly<Record<keyof StoreRound, Spread>>;
  /** At most their limit. */
  readonly getManyToFew: JudgedSpread;
  readonly postManyToFew: JudgedSpread;
}

/** Sums rounds up, ratios within a round. */
export function summarizeStoreBench(rounds: readonly StoreRound[]): StoreBenchSummary {
  const of = (name: keyof StoreRound) => toSpread(rounds.map((round) => round[name]));
  const ratio = (method: 'get' | 'post') =>
    judgeAtMost(
      toSpread(rounds.map((round) => round[`${method}, many`] / round[`${method}, few`])),
      maxManyToFew,
    );
  return {
    usPerRequest: {
      'get, few': of('get, few'),
      'get, many': of('get, many'),
      'post, few': of('post, few'),
      'post, many': of('post, many'),
    },
    getManyToFew: ratio('get'),
    postManyToFew: ratio('post'),
  };
}

/** Sums rounds up. Ratios are taken within a round, where both were measured under the same conditions. */
export function summarizeUsersBench(
  rounds: readonly UsersRound[],
  nodeMajor: number,
): UsersBenchSummary {
  const of = (server: keyof UsersRound) => toSpread(rounds.map((round) => round[server]));
  const oursToBare = toSpread(rounds.map(({ ours, bare }) => ours / bare));
  const stockToOurs = toSpread(rounds.map(({ stock, ours }) => stock / ours));
  const minStockToOurs = findMinStockToOurs(nodeMajor);
  const bareLimit = minStockToOurs === undefined ? undefined : maxOursToBare;
  return {
    usPerRequest: { ours: of('ours'), stock: of('stock'), bare: of('bare') },
    oursToBare: judgeAtMost(oursToBare, bareLimit),
    stockToOurs: {
      ...stockToOurs,
      limit: minStockToOurs,
      isMissed: minStockToOurs !== undefined && stockToOurs.median < minStockToOurs,
    },
  };
}

/** Sums start times up, in milliseconds, against the limit for them. */
export function summarizeStarts(timesMs: readonly number[]): JudgedSpread {
  const spread = toSpread(timesMs);
  return { ...spread, limit: maxStartMs, isMissed: spread.median >= maxStartMs };
}

/** How well the generator kept its schedule at one rate. */
export interface GeneratorRateSummary {
  readonly ratePerSec: number;
  readonly lagP99Ms: Spread;
  readonly eventLoopUtilization: Spread;
  readonly sentRatio: Spread;
  /** In the middle round it kept every limit that a run is valid by. */
  readonly isKept: boolean;
}

/** What the rounds of `bench generator` come to, rate by rate; `isMissed`: not even the stated rate was kept. */
export interface GeneratorBenchSummary {
  readonly rates: readonly GeneratorRateSummary[];
  readonly statedRatePerSec: number;
  readonly isMissed: boolean;
}

/** The rate that one generator process is meant to keep. */
export const statedRatePerSec = 5000;

/** Sums rounds up by rate. */
export function summarizeGeneratorBench(rounds: readonly GeneratorRound[]): GeneratorBenchSummary {
  const ratesPerSec = [...new Set(rounds.map(({ ratePerSec }) => ratePerSec))];
  const rates = ratesPerSec
    .sort((a, b) => a - b)
    .map((ratePerSec): GeneratorRateSummary => {
      const ofRate = rounds.filter((round) => round.ratePerSec === ratePerSec);
      const lagP99Ms = toSpread(ofRate.map((round) => round.lagP99Ms ?? Number.POSITIVE_INFINITY));
      const eventLoopUtilization = toSpread(ofRate.map((round) => round.eventLoopUtilization ?? 1));
      const sentRatio = toSpread(
        ofRate.map(({ sent, scheduled }) => sent / Math.max(1, scheduled)),
      );
      const isKept =
        lagP99Ms.median <= maxLagP99Ms &&
        eventLoopUtilization.median <= maxUtilization &&
        sentRatio.median >= minSentRatio;
      return { ratePerSec, lagP99Ms, eventLoopUtilization, sentRatio, isKept };
    });
  const isMissed = rates.some(
    ({ ratePerSec, isKept }) => ratePerSec === statedRatePerSec && !isKept,
  );
  return { rates, statedRatePerSec, isMissed };
}

// Express pays most for moving prototypes where V8 is old; limits are stated for the ends of what we support.
function findMinStockToOurs(nodeMajor: number): number | undefined {
  if (nodeMajor === 20) return 5;
  return nodeMajor >= 26 ? 1.8 : undefined;
}

function judgeAtMost(spread: Spread, limit: number | undefined): JudgedSpread {
  return { ...spread, limit, isMissed: limit !== undefined && spread.median > limit };
}

function toSpread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}
