import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { moduleUrl } from '../../workers/compute.ts';
import { loadTask, TaskLoadError } from '../../workers/task.ts';
import { type Config, ConfigError } from '../config.ts';
import { createInlineRunner } from './inline-runner.ts';
import { countNicedThreads } from './nice.ts';
import { createPoolRunner } from './pool-runner.ts';
import type { ComputeRunner } from './runner.ts';
import { countThreads, readCpuQuota } from './threads.ts';

/** A runner, and what there is to tell about how it came about. */
export interface CreatedRunner {
  runner: ComputeRunner;
  /** For the log: the task, the size of the pool and what decided it. */
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

/**
 * The runner the configuration asks for. Rejects with a {@link PoolStartError} if a thread cannot start, and
 * with a {@link ConfigError} if the user's own task cannot be loaded where it is to run.
 */
export async function createRunner(
  config: Config,
  onWorkerError: (error: Error) => void,
): Promise<CreatedRunner> {
  const path = config.COMPUTE_TASK;
  const taskUrl = path === undefined ? undefined : pathToFileURL(resolve(path)).href;
  const create =
    config.COMPUTE_MODE === 'inline'
      ? createInline(taskUrl)
      : createPool(config, taskUrl, onWorkerError);
  const { facts, ...created } = await create.catch((error: unknown) => {
    if (!(error instanceof TaskLoadError)) throw error;
    const where = config.COMPUTE_MODE === 'pool' ? ' on a pool thread' : '';
    throw new ConfigError([`COMPUTE_TASK ${path} does not load${where}: ${error.message}`]);
  });
  return { ...created, facts: { task: path ?? 'sum', ...facts } };
}

async function createInline(taskUrl: string | undefined): Promise<CreatedRunner> {
  const ownTask = taskUrl === undefined ? undefined : await loadTask(taskUrl);
  return { runner: createInlineRunner(ownTask), facts: {}, warnings: [] };
}

// The main thread does not import the task here: what its module does and keeps belongs to the pool threads.
async function createPool(
  config: Config,
  taskUrl: string | undefined,
  onWorkerError: (error: Error) => void,
): Promise<CreatedRunner> {
  const { threads, source } = countThreads(
    config.POOL_THREADS,
    availableParallelism(),
    readCpuQuota(),
  );
  const runner = await createPoolRunner({
    moduleUrl,
    taskUrl,
    threads,
    nice: config.POOL_NICE,
    heapMaxMb: config.POOL_HEAP_MAX_MB,
    queueMax: config.COMPUTE_QUEUE_MAX ?? 8 * threads,
    maxWaitMs: config.COMPUTE_MAX_WAIT_MS,
    timeoutMs: config.COMPUTE_TIMEOUT_MS,
    onWorkerError,
  }).catch((error: unknown) => {
    throw error instanceof TaskLoadError ? error : new PoolStartError(error);
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
