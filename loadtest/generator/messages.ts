import { z } from 'zod';
import { loadResultSchema } from '../result/stream-result.ts';
import { loadPlanSchema } from './load-plan.ts';

/** What the lab sends to a generator process. */
export const toGeneratorSchema = z.object({ type: z.literal('plan'), plan: loadPlanSchema });

/** What a generator process answers. */
export const fromGeneratorSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('result'), result: loadResultSchema }),
  z.object({ type: z.literal('failed'), message: z.string() }),
]);

/** See {@link fromGeneratorSchema}. */
export type FromGenerator = z.infer<typeof fromGeneratorSchema>;
