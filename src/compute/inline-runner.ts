import { monotonicMs } from '../../workers/clock.ts';
import compute from '../../workers/compute.ts';
import { toResult } from './reply.ts';
import type { ComputeRunner } from './runner.ts';

/**
 * Runs the task on the event loop. There is nothing to queue, refuse or cancel here: while the task
 * runs, no other code of this process does, the code that would decide so included.
 */
export function createInlineRunner(): ComputeRunner {
  const neverCancelled = new Int32Array(new SharedArrayBuffer(4));
  return {
    mode: 'inline',
    threads: 1,
    async run(input) {
      const enqueuedAtMs = monotonicMs();
      return toResult(await compute({ input, cancelFlag: neverCancelled }), enqueuedAtMs);
    },
    isHealthy: () => true,
    state: () => ({ inFlight: 0, waiting: 0, workersReplaced: 0, workers: [] }),
    refuseNew() {},
    async close() {},
  };
}
