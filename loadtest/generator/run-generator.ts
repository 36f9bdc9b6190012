import { fileURLToPath } from 'node:url';
import { askChild } from '../process/ask-child.ts';
import { type LoadResult, loadResultSchema } from '../result/stream-result.ts';
import type { LoadPlan } from './load-plan.ts';

/** What {@link runGenerator} needs of the lab. */
export interface GeneratorOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Aborting stops the generator's process and rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/**
 * Runs a load plan in a process of its own, which is gone when this settles.
 * Rejects with a `LabError` when the generator fails.
 */
export function runGenerator(plan: LoadPlan, options: GeneratorOptions): Promise<LoadResult> {
  return askChild({
    entry: fileURLToPath(entryUrl()),
    name: 'the load generator',
    plan,
    resultSchema: loadResultSchema,
    ...options,
  });
}

/** `main.js` beside this module when built, `main.ts` when run from source. */
function entryUrl(): URL {
  return new URL(`./main${import.meta.url.slice(-3)}`, import.meta.url);
}
