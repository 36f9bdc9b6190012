/**
 * The server under the lab's default contrast, as a discrete simulation. One turn of the event loop accepts at most one
 * connection and then serves, in order, every socket that was ready when the turn began; what is accepted is served in
 * the next turn. A computation runs on the loop (inline), or costs it little and runs on one of two threads behind a
 * first-come, first-served gate (pool). The generator sends at its next tick, sometimes later. Not modelled: garbage
 * collection, compilation, tasks of varying length, a network, a bound on kept connections.
 */
import type { StreamPlan } from '../loadtest/generator/load-plan.ts';
import { createRandom } from '../loadtest/generator/random.ts';
import { createSchedule } from '../loadtest/generator/schedule.ts';

/** The compared modes of the server. */
export type Mode = 'inline' | 'pool';

/** What the default contrast's cheap requests cost the loop, in milliseconds. */
const cheapCostMs: Readonly<Record<string, number>> = {
  users: 0.38,
  newcomers: 0.75,
  create: 0.45,
  health: 0.75,
};
const acceptMs = 0.15;
/** What one computation takes. */
export const computeMs = 8.3;
const computeSpread = 0.02;
const handOverMs = 0.1;
const threads = 2;

const tickMs = 1;
/** The generator's extra waits: how often a tick is late, and by how much on average. */
const lateTick = { inline: { share: 0.07, meanMs: 1 }, pool: { share: 0.1, meanMs: 1.4 } };
/** With two cores and two busy threads the loop waits for a core at times. */
const coreWait = { sharePerThread: 0.08, meanMs: 1.5 };

/** Differences between processes, and between rounds in what their processes have in common (lognormal). */
const processSpread = 0.05;
const roundSpread = processSpread / 2;
/** The whole machine stands still. */
const stall = { perSec: 0.05, medianMs: 10, spread: 0.5 };

/** A round's load: what is sent, for how long before the window, and how long the window is. */
export interface RoundLoad {
  readonly streams: readonly StreamPlan[];
  readonly warmupMs: number;
  readonly measureMs: number;
}

/** A request; times in milliseconds from the beginning of the run. */
export interface SimulatedRequest {
  readonly stream: StreamPlan;
  readonly intendedMs: number;
  readonly sentMs: number;
  endMs: number;
}

/** One run of one process: its requests by intended start, and how busy the loop was in the window, 0 to 1. */
export interface SimulatedRun {
  readonly requests: readonly SimulatedRequest[];
  readonly utilization: number;
}

/** What the runs of a round have in common: arrivals, and what the machine is like meanwhile. */
export interface SharedRound {
  readonly load: RoundLoad;
  readonly arrivals: readonly Pick<SimulatedRequest, 'stream' | 'intendedMs'>[];
  readonly speed: Speed;
}

/** Factors on the time a computation takes, and on everything else. */
interface Speed {
  readonly compute: number;
  readonly cheap: number;
}

type Random = () => number;
type Stall = readonly [fromMs: number, toMs: number];

/** Draws what the runs of a round have in common; its arrivals are those of its streams' schedules. */
export function drawRound(load: RoundLoad, random: Random): SharedRound {
  const lengthMs = load.warmupMs + load.measureMs;
  const arrivals = load.streams.flatMap((stream) => {
    if (stream.schedule.kind === 'virtual-users') throw new TypeError('a contrast has no users');
    return Array.from(createSchedule(stream.schedule, lengthMs), (intendedMs) => ({
      stream,
      intendedMs,
    }));
  });
  return {
    load,
    arrivals: arrivals.sort((a, b) => a.intendedMs - b.intendedMs),
    speed: drawSpeed(roundSpread, random),
  };
}

/** Runs one process through a round. Every request is answered in the end. */
export function simulateRun(mode: Mode, round: SharedRound, seed: number): SimulatedRun {
  const random = createRandom(seed);
  const { load } = round;
  const own = drawSpeed(processSpread, random);
  const server = {
    mode,
    load,
    speed: { compute: own.compute * round.speed.compute, cheap: own.cheap * round.speed.cheap },
    stalls: drawStalls(load.warmupMs + load.measureMs, random),
    random,
  };
  const requests = send(round, server);
  return { requests, utilization: serve(requests, server) / load.measureMs };
}

/** A seed for another sequence. */
export function drawSeed(random: Random): number {
  return Math.floor(random() * 2 ** 32);
}

interface Server {
  readonly mode: Mode;
  readonly load: RoundLoad;
  readonly speed: Speed;
  readonly stalls: readonly Stall[];
  readonly random: Random;
}

/** Who is due while the generator is late leaves with the one that woke it. */
function send({ arrivals }: SharedRound, { mode, stalls, random }: Server): SimulatedRequest[] {
  const { share, meanMs } = lateTick[mode];
  let sentMs = 0;
  return arrivals.map(({ stream, intendedMs }) => {
    if (intendedMs > sentMs) {
      const extraMs = random() < share ? drawExponential(meanMs, random) : 0;
      sentMs = passTime(intendedMs, random() * tickMs + extraMs, stalls);
    }
    return { stream, intendedMs, sentMs, endMs: Number.NaN };
  });
}

/** Sets every request's end; returns how long the loop was busy in the window, in milliseconds. */
function serve(requests: readonly SimulatedRequest[], server: Server): number {
  const { mode, speed, stalls, random, load } = server;
  const kept = requests.filter(({ stream }) => stream.connection.kind === 'kept');
  const newcomers = requests.filter(({ stream }) => stream.connection.kind === 'new');
  const threadFreeMs = Array.from({ length: threads }, () => 0);
  let nowMs = 0;
  let busyMs = 0;
  const spend = (costMs: number) => {
    const fromMs = nowMs;
    nowMs = passTime(fromMs, costMs, stalls);
    const [startMs, endMs] = [load.warmupMs, load.warmupMs + load.measureMs];
    busyMs += Math.max(0, Math.min(nowMs, endMs) - Math.max(fromMs, startMs));
  };
  const drawComputeMs = () => computeMs * speed.compute * (1 + computeSpread * drawNormal(random));
  const answer = (request: SimulatedRequest) => {
    const costMs = cheapCostMs[request.stream.name];
    if (costMs !== undefined) spend(costMs * speed.cheap * (0.5 + random()));
    else if (mode === 'inline') spend(drawComputeMs());
    else spend(handOverMs * speed.cheap);
    request.endMs = nowMs;
    if (costMs === undefined && mode === 'pool') {
      const freeMs = Math.min(...threadFreeMs);
      request.endMs = passTime(Math.max(nowMs, freeMs), drawComputeMs(), stalls);
      threadFreeMs[threadFreeMs.indexOf(freeMs)] = request.endMs;
    }
  };
  let [nextKept, nextNewcomer] = [0, 0];
  let accepted: SimulatedRequest | undefined;
  for (;;) {
    const due = [kept[nextKept], newcomers[nextNewcomer]];
    if (accepted === undefined) {
      const nextMs = Math.min(...due.map((request) => request?.sentMs ?? Number.POSITIVE_INFINITY));
      if (nextMs === Number.POSITIVE_INFINITY) return busyMs;
      nowMs = Math.max(nowMs, nextMs);
    }
    const busyThreads = threadFreeMs.filter((freeMs) => freeMs > nowMs).length;
    if (random() < coreWait.sharePerThread * busyThreads)
      nowMs += drawExponential(coreWait.meanMs, random);
    const turnMs = nowMs;
    const acceptedBefore = accepted;
    accepted = undefined;
    const newcomer = newcomers[nextNewcomer];
    if (newcomer !== undefined && newcomer.sentMs <= turnMs) {
      spend(acceptMs * speed.cheap);
      accepted = newcomer;
      nextNewcomer += 1;
    }
    if (acceptedBefore !== undefined) answer(acceptedBefore);
    for (let request = kept[nextKept]; request !== undefined && request.sentMs <= turnMs; ) {
      answer(request);
      nextKept += 1;
      request = kept[nextKept];
    }
  }
}

/** When work that begins at `fromMs` is done, with the machine standing still at times. */
function passTime(fromMs: number, workMs: number, stalls: readonly Stall[]): number {
  let [nowMs, leftMs] = [fromMs, workMs];
  for (const [stopMs, goOnMs] of stalls) {
    if (goOnMs <= nowMs) continue;
    if (nowMs + leftMs < stopMs) break;
    leftMs -= Math.max(0, stopMs - nowMs);
    nowMs = goOnMs;
  }
  return nowMs + leftMs;
}

function drawSpeed(spread: number, random: Random): Speed {
  return {
    compute: Math.exp(spread * drawNormal(random)),
    cheap: Math.exp(spread * drawNormal(random)),
  };
}

function drawStalls(lengthMs: number, random: Random): Stall[] {
  const stalls: Stall[] = [];
  let nowMs = drawExponential(1000 / stall.perSec, random);
  while (nowMs < lengthMs) {
    const goOnMs = nowMs + stall.medianMs * Math.exp(stall.spread * drawNormal(random));
    stalls.push([nowMs, goOnMs]);
    nowMs = goOnMs + drawExponential(1000 / stall.perSec, random);
  }
  return stalls;
}

function drawExponential(mean: number, random: Random): number {
  return -mean * Math.log(1 - random());
}

// Box and Muller, Ann. Math. Statist. 29 (1958).
function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
