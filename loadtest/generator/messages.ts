import { z } from 'zod';
import type { LoadResult } from '../result/stream-result.ts';
import { loadPlanSchema } from './load-plan.ts';

/** What the lab sends to a generator process. */
export const toGeneratorSchema = z.object({ type: z.literal('plan'), plan: loadPlanSchema });

/** What a generator process answers. */
export type FromGenerator =
  | { readonly type: 'result'; readonly result: LoadResult }
  | { readonly type: 'failed'; readonly message: string };
