import type { EventLoopUtilityFunction } from 'node:perf_hooks';
import { createHistogram, decodeHistogram } from '../result/histogram.ts';
import type { LoadResult, SelfCheck, StreamResult } from '../result/stream-result.ts';
import { createSender } from './create-sender.ts';
import { isOwnFault } from './error-kind.ts';
import type { LoadPlan } from './load-plan.ts';
import type { Sender } from './sender.ts';

const tickMs = 1;

/** What {@link runLoad} measures with. */
export interface GeneratorClock {
  /** Monotonic, in milliseconds. */
  now(): number;
  eventLoopUtilization: EventLoopUtilityFunction;
  /** Wall clock, in milliseconds since 1970: what other processes' figures are aligned by. */
  epochMs(): number;
  /** Whether this process runs as soon as it wants to. */
  readonly isRealTime: boolean;
}

/**
 * Sends a plan's traffic from this process and resolves with what came of it. Requests leave by the
 * schedule whatever the target does (an open model), or when virtual users have their answers and have thought
 * (a closed loop). None is dropped from the result: one that was not answered by the end of the drain counts at its
 * age. Rejects when virtual users come to more requests than there is room for.
 */
export async function runLoad(plan: LoadPlan, clock: GeneratorClock): Promise<LoadResult> {
  let originMs = clock.now();
  const nowMs = () => clock.now() - originMs;
  const endMs = plan.warmupMs + plan.measureMs;
  const times = { durationMs: endMs, drainMs: plan.drainMs };
  const streams = plan.streams.map((stream) => createSender(stream, plan, times, nowMs));
  const isAnswered = (stream: Sender) => stream.isSent && stream.outstanding === 0;

  for (const stream of streams) await stream.open();
  originMs = clock.now();
  const windowStartEpochMs = clock.epochMs() + plan.warmupMs;
  let utilizationAtStart = clock.eventLoopUtilization();
  let utilization: number | undefined;
  let isWarm = false;
  await everyTick(() => {
    const tickStartMs = nowMs();
    if (!isWarm && tickStartMs >= plan.warmupMs) {
      isWarm = true;
      utilizationAtStart = clock.eventLoopUtilization();
    }
    const isAwaited = streams.some((stream) => !stream.isBackground && !isAnswered(stream));
    for (const stream of streams) {
      stream.sendDue(tickStartMs, isAwaited);
      stream.timeOutOld(tickStartMs);
    }
    if (tickStartMs < endMs) return false;
    // The drain is idle time; the generator is judged by the window alone.
    utilization ??= clock.eventLoopUtilization(utilizationAtStart).utilization;
    return streams.every(isAnswered) || tickStartMs >= endMs + plan.drainMs;
  });

  const finishedMs = nowMs();
  for (const stream of streams) stream.finish(finishedMs);
  const window = { startMs: plan.warmupMs, lengthMs: plan.measureMs, blockMs: plan.blockMs };
  const results = streams.map((stream) => stream.toResult(window));
  return {
    windowStartEpochMs,
    streams: results,
    selfCheck: checkSelf(results, utilization ?? 1, clock),
  };
}

/** Calls `tick` about every millisecond until it returns true; rejects with what it throws. */
function everyTick(tick: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setInterval(() => {
      try {
        if (!tick()) return;
        clearInterval(timer);
        resolve();
      } catch (error) {
        clearInterval(timer);
        reject(error);
      }
    }, tickMs);
  });
}

function checkSelf(
  streams: readonly StreamResult[],
  eventLoopUtilization: number,
  { isRealTime }: GeneratorClock,
): SelfCheck {
  const lag = createHistogram();
  const ownErrors: Record<string, number> = {};
  let scheduled = 0;
  let sent = 0;
  for (const block of streams.flatMap(({ blocks }) => blocks)) {
    lag.add(decodeHistogram(block.lagUs));
    scheduled += block.scheduled;
    sent += block.sent;
    for (const [kind, count] of Object.entries(block.errors)) {
      if (isOwnFault(kind)) ownErrors[kind] = (ownErrors[kind] ?? 0) + count;
    }
  }
  const lagP99Ms = sent === 0 ? 0 : lag.getValueAtPercentile(99) / 1000;
  return { scheduled, sent, lagP99Ms, eventLoopUtilization, isRealTime, ownErrors };
}
