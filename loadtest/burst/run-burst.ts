import type { BurstOutcome } from '../result/burst-result.ts';
import { type BurstConnection, openConnection } from './connection.ts';
import type { BurstPlan } from './messages.ts';
import { BurstTally } from './tally.ts';

/** What {@link runBurst} measures with. */
export interface BurstClock {
  /** Monotonic, in milliseconds. */
  now(): number;
  /** Wall clock, in milliseconds since 1970: what other processes' figures are aligned by. */
  epochMs(): number;
}

/**
 * Opens a plan's connections at once from this process and resolves with what came of every one of them, as soon as
 * the last has settled. Those that have not by the deadline are given up and count at their age.
 */
export function runBurst(plan: BurstPlan, clock: BurstClock): Promise<BurstOutcome> {
  const { port, connections, deadlineMs } = plan;
  const tally = new BurstTally();
  const opened: BurstConnection[] = [];
  const startedEpochMs = clock.epochMs();
  const startedMs = clock.now();
  let openedWithinMs = 0;

  return new Promise((resolve) => {
    const deadline = setTimeout(() => {
      for (const connection of opened) connection.giveUp();
    }, deadlineMs);
    const onSettled = (outcome: Parameters<BurstTally['add']>[0]) => {
      tally.add(outcome);
      if (tally.settled < connections) return;
      clearTimeout(deadline);
      resolve(tally.toOutcome({ startedEpochMs, openedWithinMs }));
    };
    // Node calls connect() in the next tick. One tick for each, so that its time counts from that call and not
    // from a loop over all of them; no tick lets other events in, so nothing is answered in between.
    const openNext = () => {
      opened.push(openConnection({ port, nowMs: clock.now, onSettled }));
      openedWithinMs = clock.now() - startedMs;
      if (opened.length < connections) process.nextTick(openNext);
    };
    openNext();
  });
}
