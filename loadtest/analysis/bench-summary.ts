import type { GeneratorRound } from '../bench/generator-bench.ts';
import type { StoreRound } from '../bench/store-bench.ts';
import type { UsersRound } from '../bench/users-bench.ts';
import { maxLagP99Ms, maxUtilization, minSentRatio } from '../generator/self-check.ts';
import { type Estimate, estimateMean, estimateRatio } from '../stats/estimate.ts';
import { judgeAtLeast, judgeAtMost, type LimitVerdict } from '../stats/verdict.ts';

/** A stated limit, and whether the whole interval of a figure keeps it. */
export interface Judgement {
  readonly bound: 'at most' | 'at least';
  readonly limit: number;
  readonly verdict: LimitVerdict;
}

/** A figure over rounds with its 95 % interval; undefined: too few of them. */
export interface JudgedFigure {
  readonly estimate: Estimate | undefined;
  /** Undefined: no limit is stated. */
  readonly judgement: Judgement | undefined;
}

/** What the rounds of `bench users` come to. */
export interface UsersBenchSummary {
  readonly usPerRequest: Readonly<Record<keyof UsersRound, Estimate | undefined>>;
  readonly oursToBare: JudgedFigure;
  readonly stockToOurs: JudgedFigure;
}

const maxStartMs = 500;
const maxOursToBare = 1.2;
const maxManyToFew = 1.1;

/** What the rounds of `bench store` come to. */
export interface StoreBenchSummary {
  readonly usPerRequest: Readonly<Record<keyof StoreRound, Estimate | undefined>>;
  readonly getManyToFew: JudgedFigure;
  readonly postManyToFew: JudgedFigure;
}

/** Sums rounds up. Ratios are taken within a round, where both were measured under the same conditions. */
export function summarizeStoreBench(rounds: readonly StoreRound[]): StoreBenchSummary {
  const of = (name: keyof StoreRound) => estimateMean(rounds.map((round) => round[name]));
  const ratio = (method: 'get' | 'post') =>
    atMost(
      estimateRatio(rounds.map((round) => round[`${method}, many`] / round[`${method}, few`])),
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
  const of = (server: keyof UsersRound) => estimateMean(rounds.map((round) => round[server]));
  const oursToBare = estimateRatio(rounds.map(({ ours, bare }) => ours / bare));
  const stockToOurs = estimateRatio(rounds.map(({ stock, ours }) => stock / ours));
  const minStockToOurs = findMinStockToOurs(nodeMajor);
  const isStated = minStockToOurs !== undefined;
  return {
    usPerRequest: { ours: of('ours'), stock: of('stock'), bare: of('bare') },
    oursToBare: isStated ? atMost(oursToBare, maxOursToBare) : unjudged(oursToBare),
    stockToOurs: isStated ? atLeast(stockToOurs, minStockToOurs) : unjudged(stockToOurs),
  };
}

/** Sums start times up, in milliseconds, against the limit for their mean. */
export function summarizeStarts(timesMs: readonly number[]): JudgedFigure {
  return atMost(estimateMean(timesMs), maxStartMs);
}

/** How well the generator kept its schedule at one rate, by the limits that a run is valid by. */
export interface GeneratorRateSummary {
  readonly ratePerSec: number;
  readonly lagP99Ms: JudgedFigure;
  readonly eventLoopUtilization: JudgedFigure;
  readonly sentRatio: JudgedFigure;
  /** Of all three together. */
  readonly verdict: LimitVerdict;
}

/** What the rounds of `bench generator` come to, rate by rate. */
export interface GeneratorBenchSummary {
  readonly rates: readonly GeneratorRateSummary[];
  readonly statedRatePerSec: number;
  /** Whether the stated rate was kept; undefined: it was not measured. */
  readonly verdict: LimitVerdict | undefined;
}

/** The rate that one generator process is meant to keep. */
export const statedRatePerSec = 5000;

/** Sums rounds up by rate. */
export function summarizeGeneratorBench(rounds: readonly GeneratorRound[]): GeneratorBenchSummary {
  const ratesPerSec = [...new Set(rounds.map(({ ratePerSec }) => ratePerSec))];
  const rates = ratesPerSec
    .sort((a, b) => a - b)
    .map((ratePerSec) =>
      summarizeRate(
        ratePerSec,
        rounds.filter((round) => round.ratePerSec === ratePerSec),
      ),
    );
  const stated = rates.find(({ ratePerSec }) => ratePerSec === statedRatePerSec);
  return { rates, statedRatePerSec, verdict: stated?.verdict };
}

/** One verdict on several: outside when one is, inside when all are. */
export function combineVerdicts(verdicts: readonly LimitVerdict[]): LimitVerdict {
  if (verdicts.includes('outside')) return 'outside';
  return verdicts.includes('cannot tell') ? 'cannot tell' : 'inside';
}

function summarizeRate(
  ratePerSec: number,
  rounds: readonly GeneratorRound[],
): GeneratorRateSummary {
  // A round that sent nothing has no lateness; its share of the schedule says enough.
  const lagP99Ms = atMost(
    estimateMean(rounds.flatMap((round) => round.lagP99Ms ?? [])),
    maxLagP99Ms,
  );
  const eventLoopUtilization = atMost(
    estimateMean(rounds.map((round) => round.eventLoopUtilization ?? 1)),
    maxUtilization,
  );
  const sentRatio = atLeast(
    estimateMean(rounds.map(({ sent, scheduled }) => sent / Math.max(1, scheduled))),
    minSentRatio,
  );
  const verdict = combineVerdicts(
    [lagP99Ms, eventLoopUtilization, sentRatio].flatMap(
      ({ judgement }) => judgement?.verdict ?? [],
    ),
  );
  return { ratePerSec, lagP99Ms, eventLoopUtilization, sentRatio, verdict };
}

// Express pays most for moving prototypes where V8 is old; limits are stated for the ends of what we support.
function findMinStockToOurs(nodeMajor: number): number | undefined {
  if (nodeMajor === 20) return 5;
  return nodeMajor >= 26 ? 1.8 : undefined;
}

function atMost(estimate: Estimate | undefined, limit: number): JudgedFigure {
  const verdict = judgeAtMost(estimate, limit);
  return { estimate, judgement: { bound: 'at most', limit, verdict } };
}

function atLeast(estimate: Estimate | undefined, limit: number): JudgedFigure {
  const verdict = judgeAtLeast(estimate, limit);
  return { estimate, judgement: { bound: 'at least', limit, verdict } };
}

function unjudged(estimate: Estimate | undefined): JudgedFigure {
  return { estimate, judgement: undefined };
}
