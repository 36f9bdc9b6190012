import { z } from 'zod';

/** What one call of a task that does next to nothing takes on one target, median or mean of one round. */
export const overheadSideSchema = z.object({
  /** Median, as the client sees it. */
  responseTimeMs: z.number().nonnegative(),
  /** Median of the server's `queue;dur`: from taking the call on to the beginning of the task. */
  queueWaitMs: z.number().nonnegative(),
  /** Median of the server's `compute;dur`: the task itself. */
  taskMs: z.number().nonnegative(),
  /** Mean, of the thread that runs the event loop. */
  mainThreadCpuMs: z.number().nonnegative(),
  /** Mean, of all threads. */
  processCpuMs: z.number().nonnegative(),
});

/** What handing a task to the pool and back costs: both targets, one call at a time, in turns. */
export const overheadSchema = z.object({
  /** Per target. */
  callsPerRound: z.number().int().positive(),
  rounds: z.array(z.object({ inline: overheadSideSchema, pool: overheadSideSchema })).min(1),
});

/** See {@link overheadSchema}. */
export type Overhead = z.infer<typeof overheadSchema>;
