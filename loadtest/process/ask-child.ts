import { z } from 'zod';
import { LabError } from '../lab-error.ts';
import { describeExit, forkModule, stopChild } from './fork-module.ts';

const killGraceMs = 1000;

/** A piece of work for a process of its own. */
export interface ChildTask<Result> {
  /** The entry module: it takes one message and sends `{type:'result', result}` or `{type:'failed', message}`. */
  readonly entry: string;
  /** What the child is called in messages to the user. */
  readonly name: string;
  /** Sent as the `plan` of a message of type `plan`. */
  readonly plan: object;
  readonly resultSchema: z.ZodType<Result>;
  readonly env: Readonly<Record<string, string>>;
  /** Aborting stops the child and rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/**
 * Has a plan carried out in a process of its own, which is gone when this settles.
 * Rejects with a {@link LabError} when the child fails, ends early or sends something else than a result.
 */
export async function askChild<Result>(task: ChildTask<Result>): Promise<Result> {
  const { name, plan, signal } = task;
  signal.throwIfAborted();
  const replySchema = z.discriminatedUnion('type', [
    z.object({ type: z.literal('result'), result: task.resultSchema }),
    z.object({ type: z.literal('failed'), message: z.string() }),
  ]);
  const asked = forkModule(task.entry, { env: task.env });
  const settled = new AbortController();
  try {
    return await new Promise<Result>((resolve, reject) => {
      const fail = (what: string, options?: ErrorOptions) =>
        reject(new LabError(`${name} ${what}`, 3, options));
      signal.addEventListener('abort', () => reject(signal.reason), { signal: settled.signal });
      asked.child.once('message', (message) => {
        const reply = replySchema.safeParse(message);
        if (!reply.success) fail('sent a malformed result', { cause: reply.error });
        else if (reply.data.type === 'result') resolve(reply.data.result);
        else fail(`failed: ${reply.data.message}`);
      });
      void asked.exited.then((exit) =>
        fail(`${describeExit(exit)} without a result: ${asked.stderrTail()}`),
      );
      asked.child.send({ type: 'plan', plan }, (error) => {
        if (error) fail('took no plan', { cause: error });
      });
    });
  } finally {
    settled.abort();
    await stopChild(asked, killGraceMs);
  }
}
