import { fileURLToPath } from 'node:url';
import { LabError } from '../lab-error.ts';
import { describeExit, type ForkedModule, forkModule, stopChild } from '../process/fork-module.ts';
import type { BurstOutcome } from '../result/burst-result.ts';
import { type BurstPlan, type FromBurstClient, fromBurstClientSchema } from './messages.ts';

const killGraceMs = 1000;

/** What a burst client needs of the lab. */
export interface BurstClientOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Aborting makes whatever is waited for reject with the signal's reason. */
  readonly signal: AbortSignal;
}

/** A client process that stands by, with its plan, to open all connections at once. */
export interface BurstClient {
  readonly pid: number | undefined;
  /** Gives the word. Rejects with a {@link LabError} when the client fails. */
  run(): Promise<BurstOutcome>;
  /** Resolves once the process is gone. */
  stop(): Promise<void>;
}

/** Starts a client in a process of its own; whoever calls this stops it. Rejects with a {@link LabError} when it fails. */
export async function startBurstClient(
  plan: BurstPlan,
  { env, signal }: BurstClientOptions,
): Promise<BurstClient> {
  signal.throwIfAborted();
  const client = forkModule(fileURLToPath(entryUrl()), { env });
  const stop = async () => {
    await stopChild(client, killGraceMs);
  };
  try {
    await ask(client, { type: 'plan', plan }, signal);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    pid: client.child.pid,
    async run() {
      const reply = await ask(client, { type: 'go' }, signal);
      if (reply.type === 'result') return reply.outcome;
      throw new LabError('the burst client answered out of turn', 3);
    },
    stop,
  };
}

/** Sends an order and resolves with the reply to it. */
async function ask(
  { child, exited, lastWords }: ForkedModule,
  order: object,
  signal: AbortSignal,
): Promise<FromBurstClient> {
  signal.throwIfAborted();
  const settled = new AbortController();
  try {
    return await new Promise((resolve, reject) => {
      const fail = (what: string) => reject(new LabError(`the burst client ${what}`, 3));
      signal.addEventListener('abort', () => reject(signal.reason), { signal: settled.signal });
      child.once('message', (message) => {
        const reply = fromBurstClientSchema.safeParse(message);
        if (!reply.success) fail('sent a malformed message');
        else if (reply.data.type === 'failed') fail(`failed: ${reply.data.message}`);
        else resolve(reply.data);
      });
      void exited.then((exit) => fail(`${describeExit(exit)} without a result: ${lastWords()}`));
      child.send(order, (error) => {
        if (error) fail('took no order');
      });
    });
  } finally {
    settled.abort();
  }
}

/** `main.js` beside this module when built, `main.ts` when run from source. */
function entryUrl(): URL {
  return new URL(`./main${import.meta.url.slice(-3)}`, import.meta.url);
}
