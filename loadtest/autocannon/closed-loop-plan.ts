import { z } from 'zod';

/** One URL and the connections that belong to it alone. */
export const closedLoopEndpointSchema = z.object({
  path: z.string().startsWith('/'),
  /** Each sends GET, waits for the answer and sends the next. */
  connections: z.number().int().min(1).max(10_000),
});

/** See {@link closedLoopEndpointSchema}. */
export type ClosedLoopEndpoint = z.infer<typeof closedLoopEndpointSchema>;

/** What an autocannon process does: all endpoints at the same time, for warm-up and window. */
export const closedLoopPlanSchema = z.object({
  /** The target listens on 127.0.0.1. The lab loads no other host. */
  port: z.number().int().min(1).max(65535),
  endpoints: z.array(closedLoopEndpointSchema).min(1),
  warmupMs: z.number().nonnegative().max(3_600_000),
  measureMs: z.number().positive().max(3_600_000),
  /** A request older than this is given up, and its connection with it. autocannon takes no less than a second. */
  timeoutMs: z.number().min(1000).max(3_600_000),
});

/** See {@link closedLoopPlanSchema}. */
export type ClosedLoopPlan = z.infer<typeof closedLoopPlanSchema>;

/** What the lab sends to an autocannon process. */
export const toAutocannonSchema = z.object({ type: z.literal('plan'), plan: closedLoopPlanSchema });
