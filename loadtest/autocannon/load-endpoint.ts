import autocannon from 'autocannon';
import { autocannonBooksSchema, findDisagreement } from './check-books.ts';
import type { ClosedLoopEndpoint, ClosedLoopPlan } from './closed-loop-plan.ts';
import { EndpointRecorder } from './endpoint-recorder.ts';
import { observeClient } from './observe-client.ts';

/** A server that is gone refuses thousands of connections a second; so many failures are enough to know it. */
const bailout = 1000;
/** How often autocannon looks whether it is to stop. */
const stopCheckMs = 20;
/** It is stopped by us; this is only in case it is not. */
const spareMs = 5000;

/** An endpoint under load. */
export interface EndpointLoad {
  readonly endpoint: ClosedLoopEndpoint;
  readonly recorder: EndpointRecorder;
  /** Tells autocannon to stop, which it does a moment later. */
  stop(): void;
  /** Resolves when autocannon has stopped; rejects when it gave up, or when its books and ours do not agree. */
  readonly finished: Promise<void>;
}

/** Puts one endpoint under a closed loop, with an autocannon of its own, so that no other endpoint slows it down. */
export function loadEndpoint(
  plan: ClosedLoopPlan,
  endpoint: ClosedLoopEndpoint,
  nowMs: () => number,
): EndpointLoad {
  const { path, connections } = endpoint;
  const recorder = new EndpointRecorder();
  // No rate: then autocannon does not correct for coordinated omission. It takes
  // `ignoreCoordinatedOmission`, which says so, only together with a rate.
  const options: autocannon.Options = {
    url: `http://127.0.0.1:${plan.port}${path}`,
    connections,
    duration: (plan.warmupMs + plan.measureMs + spareMs) / 1000,
    timeout: plan.timeoutMs / 1000,
    bailout,
    sampleInt: stopCheckMs,
    setupClient: (client) => observeClient(client, recorder.addConnection(), nowMs),
  };
  let stop = () => {};
  const stopped = new Promise<unknown>((resolve, reject) => {
    const instance = autocannon(options, (error: unknown, result: unknown) => {
      if (error) reject(error);
      else resolve(result);
    });
    stop = () => instance.stop();
  });
  const finished = stopped.then((result) => {
    const books = autocannonBooksSchema.parse(result);
    const problem =
      books.errors >= bailout
        ? `gave up after ${books.errors} failures (${recorder.lastFailure})`
        : findDisagreement(recorder.totals, books);
    if (problem !== undefined) throw new Error(`GET ${path}: ${problem}`);
  });
  return { endpoint, recorder, stop, finished };
}
