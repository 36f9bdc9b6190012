import { fileURLToPath } from 'node:url';
import { askChild } from '../process/ask-child.ts';
import { type ClosedLoopResult, closedLoopResultSchema } from '../result/closed-loop-result.ts';
import type { ClosedLoopPlan } from './closed-loop-plan.ts';

/** What {@link runAutocannon} needs of the lab. */
export interface AutocannonOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Aborting stops autocannon's process and rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/**
 * Runs a closed-loop plan in a process of its own, which is gone when this settles.
 * Rejects with a LabError when the plan cannot be carried out or its counts do not agree.
 */
export function runAutocannon(
  plan: ClosedLoopPlan,
  { env, signal }: AutocannonOptions,
): Promise<ClosedLoopResult> {
  // `main.js` beside this module when built, `main.ts` when run from source.
  const entry = fileURLToPath(new URL(`./main${import.meta.url.slice(-3)}`, import.meta.url));
  const resultSchema = closedLoopResultSchema;
  return askChild({ entry, name: 'autocannon', plan, resultSchema, env, signal });
}
