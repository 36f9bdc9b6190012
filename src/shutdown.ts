import type { Server } from 'node:http';
import { setTimeout as delay, setImmediate as loopTurn } from 'node:timers/promises';
import type { ComputeRunner } from './compute/runner.ts';
import type { RequestCounts } from './http/request-counts.ts';

/** What a shutdown takes down, and how long it may take. */
export interface ShutdownOptions {
  server: Server;
  counts: Readonly<RequestCounts>;
  runner: ComputeRunner;
  /** Takes the server out of the load balancer's rotation. */
  setNotReady: () => void;
  /** How long to go on as usual, though not ready, until load balancers have noticed. */
  delayMs: number;
  /** All in all. */
  timeoutMs: number;
}

const acceptMaxMs = 1000;
const idleCheckMs = 100;
const silentMaxMs = 1000;

/**
 * Takes the server down without losing a request it has accepted: not ready, then no new connections, then
 * the requests in flight, then the queue, then the threads.
 * @returns how many requests were cut off unanswered at the deadline
 */
export async function shutDown(options: ShutdownOptions): Promise<number> {
  const deadline = new AbortController();
  const late = delay(options.timeoutMs, 'late' as const, { signal: deadline.signal });
  const done = takeDown(options).then(() => 'done' as const);
  const first = await Promise.race([done, late]);
  if (first === 'done') {
    deadline.abort();
    await late.catch(() => {});
    return 0;
  }
  const lost = options.counts.requestsInFlight;
  options.server.closeAllConnections();
  return lost;
}

async function takeDown({ server, counts, runner, setNotReady, delayMs }: ShutdownOptions) {
  setNotReady();
  server.prependListener('request', (_req, res) => {
    res.shouldKeepAlive = false;
  });
  await delay(delayMs);
  await acceptPending(counts);
  runner.refuseNew();
  const giveUpSilent = AbortSignal.timeout(silentMaxMs);
  const idleCheck = setInterval(() => {
    server.closeIdleConnections();
    // What is left then has sent nothing, or not a whole request: Node does not count it as idle.
    if (giveUpSilent.aborted && counts.requestsInFlight === 0) server.closeAllConnections();
  }, idleCheckMs);
  await new Promise((resolve) => server.close(resolve));
  clearInterval(idleCheck);
  await runner.close();
}

/**
 * Lets the loop turn until no connection came in for a whole turn: those the kernel has already accepted
 * look accepted to their clients, and Node takes only one of them in per turn.
 */
async function acceptPending(counts: Readonly<RequestCounts>): Promise<void> {
  const giveUp = AbortSignal.timeout(acceptMaxMs);
  let before: number;
  do {
    before = counts.connectionsTotal;
    await loopTurn();
    await loopTurn();
  } while (counts.connectionsTotal > before && !giveUp.aborted);
}
