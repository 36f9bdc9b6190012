import { availableParallelism } from 'node:os';
import { moduleUrl } from '../../workers/compute.ts';
import type { Config } from '../config.ts';
import { createInlineRunner } from './inline-runner.ts';
import { countNicedThreads } from './nice.ts';
import { createPoolRunner } from './pool-runner.ts';
import type { ComputeRunner } from './runner.ts';
import { countThreads, readCpuQuota } from './threads.ts';

/** A runner, and what there is to tell about how it came about. */
export interface CreatedRunner {
  runner: ComputeRunner;
  /** For the log: the size of the pool and what decided it. */
  facts: Record<string, string | number>;
  warnings: string[];
}

/** A pool whose threads cannot run the task, said in one line. */
export class PoolStartError extends Error {
  constructor(cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot start the worker pool: ${reason.split('\n', 1)[0]}`, { cause });
    this.name = 'PoolStartError';
  }
}

/** The runner the configuration asks for. Rejects with a {@link PoolStartError} if a thread cannot start. */
export async function createRunner(
  config: Config,
  onWorkerError: (error: Error) => void,
): Promise<CreatedRunner> {
  if (config.COMPUTE_MODE === 'inline')
    return { runner: createInlineRunner(), facts: {}, warnings: [] };
  const { threads, source } = countThreads(
    config.POOL_THREADS,
    availableParallelism(),
    readCpuQuota(),
  );
  const runner = await createPoolRunner({
    moduleUrl,
    threads,
    nice: config.POOL_NICE,
    heapMaxMb: config.POOL_HEAP_MAX_MB,
    queueMax: config.COMPUTE_QUEUE_MAX ?? 8 * threads,
    maxWaitMs: config.COMPUTE_MAX_WAIT_MS,
    timeoutMs: config.COMPUTE_TIMEOUT_MS,
    onWorkerError,
  }).catch((error: unknown) => {
    throw new PoolStartError(error);
  });
  return {
    runner,
    facts: { threads, threadsDecidedBy: source },
    warnings: niceWarnings(config.POOL_NICE, threads),
  };
}

function niceWarnings(nice: number, threads: number): string[] {
  if (nice === 0) return [];
  const niced = countNicedThreads(nice);
  if (niced === undefined)
    return [`POOL_NICE=${nice}: whether it had an effect cannot be told here`];
  if (niced >= threads) return [];
  return [`POOL_NICE=${nice} had no effect on ${threads - niced} of ${threads} pool threads`];
}
