import { z } from 'zod';
import { burstOutcomeSchema } from '../result/burst-result.ts';

/** One burst: how many connections, where to, and when to give up. */
export const burstPlanSchema = z.object({
  port: z.number().int().min(1).max(65_535),
  connections: z.number().int().min(1).max(10_000),
  /** From the first connection on. */
  deadlineMs: z.number().positive().max(600_000),
});

/** See {@link burstPlanSchema}. */
export type BurstPlan = z.infer<typeof burstPlanSchema>;

/** What the lab sends to a client process: first what to do, and then to do it. */
export const toBurstClientSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('plan'), plan: burstPlanSchema }),
  z.object({ type: z.literal('go') }),
]);

/** What a client process answers: it stands by, and then what came of it. */
export const fromBurstClientSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('result'), outcome: burstOutcomeSchema }),
  z.object({ type: z.literal('failed'), message: z.string() }),
]);

/** See {@link fromBurstClientSchema}. */
export type FromBurstClient = z.infer<typeof fromBurstClientSchema>;
