import { fileURLToPath } from 'node:url';
import { LabError } from '../lab-error.ts';
import { describeExit, forkModule, stopChild } from '../process/fork-module.ts';
import type { LoadResult } from '../result/stream-result.ts';
import type { LoadPlan } from './load-plan.ts';
import { fromGeneratorSchema } from './messages.ts';

const killGraceMs = 1000;

/** What {@link runGenerator} needs of the lab. */
export interface GeneratorOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Aborting stops the generator's process and rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/**
 * Runs a load plan in a process of its own, which is gone when this settles.
 * Rejects with a {@link LabError} when the generator fails.
 */
export async function runGenerator(plan: LoadPlan, options: GeneratorOptions): Promise<LoadResult> {
  options.signal.throwIfAborted();
  const generator = forkModule(fileURLToPath(entryUrl()), { env: options.env });
  const { child } = generator;
  const aborted = new AbortController();
  try {
    return await new Promise<LoadResult>((resolve, reject) => {
      const onAbort = () => reject(options.signal.reason);
      options.signal.addEventListener('abort', onAbort, { signal: aborted.signal });
      child.once('message', (message) => {
        const reply = fromGeneratorSchema.safeParse(message);
        if (!reply.success) reject(new LabError('the load generator sent a malformed result', 3));
        else if (reply.data.type === 'result') resolve(reply.data.result);
        else reject(new LabError(`the load generator failed: ${reply.data.message}`, 3));
      });
      void generator.exited.then((exit) =>
        reject(
          new LabError(
            `the load generator ${describeExit(exit)} without a result: ${generator.stderrTail()}`,
            3,
          ),
        ),
      );
      child.send({ type: 'plan', plan }, (error) => {
        if (error) reject(new LabError('the load generator took no plan', 3, { cause: error }));
      });
    });
  } finally {
    aborted.abort();
    await stopChild(generator, killGraceMs);
  }
}

/** `main.js` beside this module when built, `main.ts` when run from source. */
function entryUrl(): URL {
  return new URL(`./main${import.meta.url.slice(-3)}`, import.meta.url);
}
