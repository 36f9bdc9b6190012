import { Piscina } from 'piscina';
import { monotonicMs } from '../../workers/clock.ts';
import type { ComputeReply, ComputeRequest, ComputeWorkerData } from '../../workers/compute.ts';
import { AppError } from '../errors.ts';
import { Gate } from './gate.ts';
import { toResult } from './reply.ts';
import { callTheRoll } from './roll-call.ts';
import type { ComputeResult, ComputeRunner } from './runner.ts';

/** How the pool is made and bounded. */
export interface PoolRunnerOptions {
  /** URL of the module every thread loads; it exports what `workers/compute.ts` does. */
  moduleUrl: string;
  /** URL of the user's own task; without it the threads run the default sum. */
  taskUrl?: string | undefined;
  threads: number;
  /** Added to the threads' nice value, so that the event loop wins wherever cores are short. */
  nice: number;
  /** A thread whose old generation outgrows this is lost, and replaced. */
  heapMaxMb: number;
  queueMax: number;
  maxWaitMs: number;
  /** From the moment a thread got the task; the task is then asked to stop, and soon after killed. */
  timeoutMs: number;
  /** Told of the loss of a worker that was not running a task. */
  onWorkerError: (error: Error) => void;
}

// Enough for a task that looks at its flag now and then; short next to any sensible deadline.
const killGraceMs = 250;

/**
 * Runs the task on a pool of worker threads behind a {@link Gate}. Resolves once every thread has loaded
 * the module and the task; rejects with the reason if one cannot, with a `TaskLoadError` if that is the task.
 *
 * piscina only ever holds as many tasks as it has threads: its own queue neither keeps the order nor the
 * bound once tasks can be aborted (test/piscina-regressions.test.ts).
 */
export async function createPoolRunner(options: PoolRunnerOptions): Promise<ComputeRunner> {
  const { threads, taskUrl } = options;
  // With the thread and not with every request: a thread that takes a killed one's place loads it too.
  const workerData: ComputeWorkerData = taskUrl === undefined ? {} : { taskUrl };
  const pool = new Piscina<ComputeRequest, ComputeReply>({
    filename: options.moduleUrl,
    workerData,
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
    maxQueue: threads,
    stricterFIFO: true,
    // The default parks an idle thread inside Atomics.wait, where it reads as fully utilised.
    atomics: 'disabled',
    niceIncrement: options.nice,
    resourceLimits: { maxOldGenerationSizeMb: options.heapMaxMb },
  });
  let workersCreated = 0;
  pool.on('workerCreate', () => workersCreated++);
  await callTheRoll(pool, threads);
  // Without a listener, the error of an idle worker would end the process.
  pool.on('error', options.onWorkerError);

  const gate = new Gate({
    slots: threads,
    queueMax: options.queueMax,
    maxWaitMs: options.maxWaitMs,
    now: monotonicMs,
  });

  async function dispatch(input: unknown, signal: AbortSignal): Promise<ComputeReply> {
    // piscina does not start threads again once two of them have failed to load, and lets tasks wait.
    if (pool.threads.length === 0) throw new Error('The pool has no thread left');
    const cancelFlag = new Int32Array(new SharedArrayBuffer(4));
    const kill = new AbortController();
    const askToStop = () => Atomics.store(cancelFlag, 0, 1);
    let killTimer: NodeJS.Timeout | undefined;
    const deadline = setTimeout(() => {
      askToStop();
      killTimer = setTimeout(() => kill.abort(), killGraceMs);
    }, options.timeoutMs);
    signal.addEventListener('abort', askToStop);
    try {
      const request: ComputeRequest = { input, cancelFlag };
      return await pool.run(request, { signal: kill.signal });
    } catch (error) {
      throw kill.signal.aborted ? new AppError('COMPUTE_TIMEOUT', { cause: error }) : error;
    } finally {
      clearTimeout(deadline);
      clearTimeout(killTimer);
      signal.removeEventListener('abort', askToStop);
    }
  }

  return {
    mode: 'pool',
    ownTask: taskUrl !== undefined,
    threads,
    async run(input: unknown, signal: AbortSignal): Promise<ComputeResult> {
      const enqueuedAtMs = monotonicMs();
      const permit = await gate.acquire(signal);
      try {
        signal.throwIfAborted();
        const reply = await dispatch(input, signal);
        signal.throwIfAborted();
        return toResult(reply, enqueuedAtMs);
      } catch (error) {
        if (error instanceof AppError || signal.aborted) throw error;
        throw new AppError('WORKER_FAILED', { cause: error });
      } finally {
        permit.release();
      }
    },
    isHealthy: () => pool.threads.length > 0,
    state: () => ({
      inFlight: gate.inFlight,
      waiting: gate.waiting,
      workersReplaced: Math.max(0, workersCreated - threads),
      workers: pool.threads.map((worker) => ({
        threadId: worker.threadId,
        eventLoopUtilization: worker.performance.eventLoopUtilization,
      })),
    }),
    refuseNew: () => gate.close(),
    async close() {
      gate.close();
      await gate.idle();
      // Not pool.close(): with several threads busy it kills all but the first to finish.
      await pool.destroy();
    },
  };
}
