import type { GeneratorClock } from '../../loadtest/generator/run-load.ts';

const longestStepMs = 20;

/**
 * A clock for a generator in this process and for the servers it loads. It stands still for what a pause of the process
 * is longer than 20 ms, so that on a busy machine nothing times out or comes too late because nobody ran.
 */
export class LabClock implements GeneratorClock {
  #realMs = performance.now();
  #nowMs = 0;

  readonly isRealTime = false;
  readonly eventLoopUtilization = performance.eventLoopUtilization.bind(performance);

  /** Milliseconds since it was made. */
  now(): number {
    const realMs = performance.now();
    this.#nowMs += Math.min(realMs - this.#realMs, longestStepMs);
    this.#realMs = realMs;
    return this.#nowMs;
  }

  /** What was read last, so that a result's wall clock is this one too. */
  epochMs(): number {
    return this.#nowMs;
  }

  /** Calls back once so much time has passed on this clock. */
  after(ms: number, callback: () => void): void {
    const untilMs = this.now() + ms;
    const timer = setInterval(() => {
      if (this.now() < untilMs) return;
      clearInterval(timer);
      callback();
    }, 1);
  }
}
