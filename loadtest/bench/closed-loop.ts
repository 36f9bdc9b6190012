import autocannon from 'autocannon';
import { LabError } from '../lab-error.ts';

/**
 * Sends `amount` GET requests over `connections` connections, each sending its next one when the last is
 * answered. Throws a {@link LabError} unless every one of them was answered with 2xx. Good for making a
 * server work; its times are not asked for (closed loop).
 */
export async function sendClosedLoop(
  url: string,
  { connections, amount }: { connections: number; amount: number },
): Promise<void> {
  const { errors, non2xx, requests } = await autocannon({ url, connections, amount });
  if (errors > 0 || non2xx > 0 || requests.total !== amount) {
    throw new LabError(
      `${url}: of ${amount} requests ${requests.total} were answered, ${non2xx} not with 2xx, ${errors} failed`,
      3,
    );
  }
}
