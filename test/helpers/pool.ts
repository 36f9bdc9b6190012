import type { TestContext } from 'node:test';
import { createPoolRunner, type PoolRunnerOptions } from '../../src/compute/pool-runner.ts';
import type { ComputeRunner } from '../../src/compute/runner.ts';
import { moduleUrl } from '../../workers/compute.ts';

export const faultyModuleUrl = new URL('../fixtures/faulty-compute.ts', import.meta.url).href;

/** A pool with generous bounds that is gone when the test ends. */
export async function createTestPool(
  t: TestContext,
  options: Partial<PoolRunnerOptions> = {},
): Promise<ComputeRunner> {
  const runner = await createPoolRunner({
    moduleUrl,
    threads: 1,
    nice: 0,
    heapMaxMb: 64,
    queueMax: 100,
    maxWaitMs: 60_000,
    timeoutMs: 60_000,
    onWorkerError: () => {},
    ...options,
  });
  t.after(() => runner.close());
  return runner;
}

/** Resolves once `condition` holds; the test's own time limit is the bound. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 2));
}
