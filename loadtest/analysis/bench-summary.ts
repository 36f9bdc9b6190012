import type { StoreRound } from '../bench/store-bench.ts';
import type { UsersRound } from '../bench/users-bench.ts';
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
