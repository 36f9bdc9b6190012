import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { z } from 'zod';
import { LabError } from '../lab-error.ts';
import type { RawSample } from './collect-telemetry.ts';

/** How old the heartbeat of a blocked loop is, at least. It is due every 100 ms: two are missing then, and a third is late. */
export const blockedAfterMs = 250;
const pollIntervalMs = 10;
/** About ten seconds and more: whoever blocks the loop does so at once, or not at all. */
const maxPolls = 1000;
const answerTimeoutMs = 5000;

const livezSchema = z.object({ heartbeatAgeMs: z.number() });

/**
 * Resolves once the heartbeat, which the admin listener's own thread watches, says that the event loop is blocked.
 * Rejects with a {@link LabError} when it does not, or when `mayStillBlock` says that there is nothing to wait for.
 */
export async function waitUntilBlocked(
  adminPort: number,
  mayStillBlock: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  for (let poll = 0; poll < maxPolls && mayStillBlock(); poll += 1) {
    const { body } = await request(`http://127.0.0.1:${adminPort}/livez`, {
      headersTimeout: answerTimeoutMs,
      signal,
    });
    const { heartbeatAgeMs } = livezSchema.parse(await body.json());
    if (heartbeatAgeMs >= blockedAfterMs && mayStillBlock()) return;
    await delay(pollIntervalMs, undefined, { signal });
  }
  throw new LabError('the event loop was not blocked, or not long enough to be sure of it', 3);
}

/**
 * How long after a moment the event loop turned for the first time, in milliseconds. Where no sample tells, it did
 * not until the last one.
 */
export function findFirstTurnMs(samples: readonly RawSample[], fromEpochMs: number): number {
  const beats = samples.map(({ timeMs, heartbeatAgeMs }) => timeMs - heartbeatAgeMs);
  const firstMs = beats.find((beatMs) => beatMs > fromEpochMs) ?? samples.at(-1)?.timeMs;
  return Math.max(0, (firstMs ?? fromEpochMs) - fromEpochMs);
}
