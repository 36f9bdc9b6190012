import { fileURLToPath } from 'node:url';
import { startChild, type WaitingChild } from '../process/ask-child.ts';
import { type LoadResult, loadResultSchema } from '../result/stream-result.ts';
import type { LoadPlan } from './load-plan.ts';

/** What {@link runGenerator} needs of the lab. */
export interface GeneratorOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Aborting stops the generator's process and rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** Starts a generator's process, which waits for its load plan. It has to be asked or dismissed. */
export function startGenerator({ env }: Pick<GeneratorOptions, 'env'>): WaitingChild<LoadResult> {
  return startChild({
    entry: fileURLToPath(entryUrl()),
    name: 'the load generator',
    resultSchema: loadResultSchema,
    env,
  });
}

/**
 * Runs a load plan in a process of its own, which is gone when this settles.
 * Rejects with a `LabError` when the generator fails.
 */
export async function runGenerator(
  plan: LoadPlan,
  { env, signal }: GeneratorOptions,
): Promise<LoadResult> {
  signal.throwIfAborted();
  return await startGenerator({ env }).ask({ plan, signal });
}

/** `main.js` beside this module when built, `main.ts` when run from source. */
function entryUrl(): URL {
  return new URL(`./main${import.meta.url.slice(-3)}`, import.meta.url);
}
