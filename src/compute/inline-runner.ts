import { monotonicMs } from '../../workers/clock.ts';
import { defaultTask, runTask } from '../../workers/compute.ts';
import type { Task } from '../../workers/task.ts';
import { toResult } from './reply.ts';
import type { ComputeRunner } from './runner.ts';

/**
 * Runs the task, the default sum unless one is given, on the event loop. There is nothing to queue or
 * refuse here, and no deadline: while the task runs, no other code of this process does, the code that
 * would decide so included. Only a task that awaits can learn that its client has gone.
 */
export function createInlineRunner(ownTask?: Task): ComputeRunner {
  const task = ownTask ?? defaultTask;
  return {
    mode: 'inline',
    ownTask: ownTask !== undefined,
    threads: 1,
    async run(input, signal) {
      const enqueuedAtMs = monotonicMs();
      const cancelFlag = new Int32Array(new SharedArrayBuffer(4));
      const askToStop = () => Atomics.store(cancelFlag, 0, 1);
      signal.addEventListener('abort', askToStop);
      try {
        const reply = await runTask(task, { input, cancelFlag });
        signal.throwIfAborted();
        return toResult(reply, enqueuedAtMs);
      } finally {
        signal.removeEventListener('abort', askToStop);
      }
    },
    isHealthy: () => true,
    state: () => ({ inFlight: 0, waiting: 0, workersReplaced: 0, workers: [] }),
    refuseNew() {},
    async close() {},
  };
}
