/** Contrasts as the lab plans them, with the same arrivals, measured on the simulated server. */
import {
  type ContrastSettings,
  createContrastPlan,
} from '../loadtest/experiments/contrast-plan.ts';
import { resolveStreams } from '../loadtest/experiments/resolve-streams.ts';
import { measureGrowth } from '../loadtest/generator/blocks.ts';
import { createRandom } from '../loadtest/generator/random.ts';
import type { RequestRecord } from '../loadtest/generator/request-record.ts';
import type { ExperimentPlan, RunPlan } from '../loadtest/result/experiment-plan.ts';
import type { Counted } from '../loadtest/stats/estimate.ts';
import {
  computeMs,
  drawRound,
  drawSeed,
  type Mode,
  type RoundLoad,
  type SimulatedRequest,
  type SimulatedRun,
  simulateRun,
} from './event-loop-model.ts';

/** The streams whose percentiles are compared. */
export const comparedStreams = ['users', 'newcomers'] as const;

/** A stream whose percentiles are compared. */
export type ComparedStream = (typeof comparedStreams)[number];

/** Times of a run's requests in its window, in milliseconds, ascending. */
export interface RunTimes {
  readonly responseMs: Float32Array;
  /** From the actual send. */
  readonly sendToEndMs: Float32Array;
}

/** What a run comes to. */
export interface RunFigures {
  readonly times: Readonly<Record<ComparedStream, RunTimes>>;
  readonly growthMsPerSec: number;
  readonly utilization: number;
  /** Newcomers that were answered before the window ended. */
  readonly newcomersAnswered: Counted;
}

/** One round: every mode twice, so that each can be compared with itself. */
export type Round = Readonly<Record<Mode, readonly [RunFigures, RunFigures]>>;

/** How one load of a plan is measured. */
export interface Level {
  readonly offeredLoad: number;
  readonly rounds: number;
  readonly warmupMs: number;
  readonly measureMs: number;
}

/** Simulated contrasts at one load. */
export interface Bank {
  readonly level: Level;
  readonly experiments: readonly (readonly Round[])[];
}

/**
 * Simulates one load of a contrast, each time with another seed of arrivals as the lab draws them; the same `seed` gives
 * the same experiments.
 */
export function simulateBank(
  settings: Omit<ContrastSettings, 'seed'>,
  offeredLoad: number,
  experiments: number,
  seed: number,
): Bank {
  const random = createRandom(seed);
  const simulateExperiment = () => {
    const plan = createContrastPlan({ ...settings, seed: drawSeed(random) }, computeMs);
    return runsOf(plan, offeredLoad).map((run): Round => {
      const streams = resolveStreams(plan, run, computeMs);
      const round = drawRound({ ...run, streams }, random);
      const measure = (mode: Mode) =>
        toFigures(simulateRun(mode, round, drawSeed(random)), round.load);
      return {
        inline: [measure('inline'), measure('inline')],
        pool: [measure('pool'), measure('pool')],
      };
    });
  };
  return {
    level: levelOf(settings, offeredLoad),
    experiments: Array.from({ length: experiments }, simulateExperiment),
  };
}

/** The runs of one target at one load: one for each round. */
function runsOf({ runs, targets }: ExperimentPlan, offeredLoad: number): RunPlan[] {
  return runs.filter((run) => run.offeredLoad === offeredLoad && run.target === targets[0]?.name);
}

function levelOf(settings: Omit<ContrastSettings, 'seed'>, offeredLoad: number): Level {
  const runs = runsOf(createContrastPlan({ ...settings, seed: 0 }, computeMs), offeredLoad);
  const [run] = runs;
  if (run === undefined) throw new RangeError(`the plan has no load ${offeredLoad}`);
  return { offeredLoad, rounds: runs.length, warmupMs: run.warmupMs, measureMs: run.measureMs };
}

function toFigures(
  { requests, utilization }: SimulatedRun,
  { warmupMs, measureMs }: RoundLoad,
): RunFigures {
  const endMs = warmupMs + measureMs;
  const inWindow = (name: ComparedStream) =>
    requests.filter(({ stream, intendedMs }) => stream.name === name && intendedMs >= warmupMs);
  const [users, newcomers] = [inWindow('users'), inWindow('newcomers')];
  const window = { startMs: warmupMs, lengthMs: measureMs, blockMs: measureMs };
  return {
    times: { users: toTimes(users), newcomers: toTimes(newcomers) },
    growthMsPerSec: measureGrowth(users.map(toRecord), window) ?? Number.NaN,
    utilization,
    newcomersAnswered: {
      part: newcomers.filter((request) => request.endMs < endMs).length,
      whole: newcomers.length,
    },
  };
}

function toRecord({ intendedMs, sentMs, endMs }: SimulatedRequest): RequestRecord {
  return {
    outcome: 'succeeded',
    intendedMs,
    sentMs,
    endMs,
    connectedMs: Number.NaN,
    firstByteMs: Number.NaN,
    connectionFreeMs: Number.NaN,
    taskMs: Number.NaN,
    kind: '',
  };
}

function toTimes(requests: SimulatedRun['requests']): RunTimes {
  return {
    responseMs: Float32Array.from(requests, ({ intendedMs, endMs }) => endMs - intendedMs).sort(),
    sendToEndMs: Float32Array.from(requests, ({ sentMs, endMs }) => endMs - sentMs).sort(),
  };
}
