import type { Environment } from '../result/environment.ts';

// The event loop and the load generator keep a core busy each, when there is something to do.
const besidesThreads = 2;

/** Whether a pool of so many threads had to share cores with the event loop and the load generator. */
export function isCoreBound(
  threads: number,
  { availableParallelism }: Pick<Environment, 'availableParallelism'>,
): boolean {
  return threads + besidesThreads > availableParallelism;
}
