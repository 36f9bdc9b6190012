import autocannon from 'autocannon';
import { LabError } from '../lab-error.ts';

/** What is sent, and over how many connections. */
export interface ClosedLoop {
  readonly connections: number;
  readonly amount: number;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/**
 * Sends `amount` requests over `connections` connections, each sending its next one when the last is
 * answered. Throws a {@link LabError} unless every one of them was answered with 2xx. Good for making a
 * server work; its times are not asked for (closed loop).
 */
export async function sendClosedLoop(url: string, loop: ClosedLoop): Promise<void> {
  const { amount } = loop;
  // autocannon takes no more connections than requests.
  const connections = Math.min(loop.connections, amount);
  const { errors, non2xx, requests } = await autocannon({ url, ...loop, connections });
  if (errors > 0 || non2xx > 0 || requests.total !== amount) {
    throw new LabError(
      `${url}: of ${amount} requests ${requests.total} were answered, ${non2xx} not with 2xx, ${errors} failed`,
      3,
    );
  }
}
