import { z } from 'zod';
import { LabError } from '../lab-error.ts';
import { describeExit, type ForkedModule, forkModule, stopChild } from './fork-module.ts';

const killGraceMs = 1000;

/** A process of its own for one piece of work. */
export interface ChildTask<Result> {
  /** The entry module: it takes one message and sends `{type:'result', result}` or `{type:'failed', message}`. */
  readonly entry: string;
  /** What the child is called in messages to the user. */
  readonly name: string;
  readonly resultSchema: z.ZodType<Result>;
  readonly env: Readonly<Record<string, string>>;
}

/** What a child is to do. */
export interface ChildOrder {
  /** Sent as the `plan` of a message of type `plan`. */
  readonly plan: object;
  /** Aborting stops the child and rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** A child that was started ahead and waits for its order. */
export interface WaitingChild<Result> {
  /** Undefined: it could not be started. */
  readonly pid: number | undefined;
  /**
   * Has the plan carried out; the child is gone when this settles.
   * Rejects with a {@link LabError} when the child fails, ends early or sends something else than a result.
   */
  ask(order: ChildOrder): Promise<Result>;
  /** Ends the child, when nothing is asked of it after all; does nothing when it is gone. */
  dismiss(): Promise<void>;
}

/** Starts a child at once, so that it is up by the time it is asked. It has to be asked or dismissed. */
export function startChild<Result>(task: ChildTask<Result>): WaitingChild<Result> {
  const asked = forkModule(task.entry, { env: task.env });
  return {
    pid: asked.child.pid,
    ask: (order) => ask(asked, task, order),
    dismiss: async () => {
      await stopChild(asked, killGraceMs);
    },
  };
}

/** Has a plan carried out in a process of its own, as {@link WaitingChild.ask} does. */
export async function askChild<Result>(task: ChildTask<Result> & ChildOrder): Promise<Result> {
  task.signal.throwIfAborted();
  return await startChild(task).ask(task);
}

async function ask<Result>(
  asked: ForkedModule,
  task: ChildTask<Result>,
  { plan, signal }: ChildOrder,
): Promise<Result> {
  const { name } = task;
  const replySchema = z.discriminatedUnion('type', [
    z.object({ type: z.literal('result'), result: task.resultSchema }),
    z.object({ type: z.literal('failed'), message: z.string() }),
  ]);
  const settled = new AbortController();
  try {
    signal.throwIfAborted();
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
        fail(`${describeExit(exit)} without a result: ${asked.lastWords()}`),
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
