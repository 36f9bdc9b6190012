import { z } from 'zod';
import { encodedHistogramSchema } from './histogram.ts';

const countSchema = z.number().int().nonnegative();

/**
 * What came of one endpoint in the measured window: every request that ended in it or was still open at its
 * end, also when it had left during the warm-up, because leaving those out would leave out the slowest.
 */
export const closedLoopEndpointResultSchema = z.object({
  path: z.string(),
  connections: countSchema,
  /** Answered with 2xx. */
  succeeded: countSchema,
  /** Failures by kind: `refused`, `reset`, `timeout`, `503` … None of them is in `serviceTimeUs`. */
  errors: z.record(z.string(), countSchema),
  /** Open when the window ended: at most one per connection. */
  unanswered: countSchema,
  /** Age of the oldest of them; null when there is none. */
  oldestUnansweredMs: z.number().nonnegative().nullable(),
  /** From the send to the last byte, of those that succeeded. */
  serviceTimeUs: encodedHistogramSchema,
});

/** See {@link closedLoopEndpointResultSchema}. */
export type ClosedLoopEndpointResult = z.infer<typeof closedLoopEndpointResultSchema>;

/** What an autocannon process hands back. */
export const closedLoopResultSchema = z.object({
  /** When the measured window began, in milliseconds since 1970. */
  windowStartEpochMs: z.number(),
  /** How long the measured window was. */
  windowMs: z.number().positive(),
  /** Of the generator's own process, in the window. */
  eventLoopUtilization: z.number().min(0).max(1),
  endpoints: z.array(closedLoopEndpointResultSchema),
});

/** See {@link closedLoopResultSchema}. */
export type ClosedLoopResult = z.infer<typeof closedLoopResultSchema>;
