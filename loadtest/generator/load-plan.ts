import { z } from 'zod';
import { type ScheduleSpec, scheduleSpecSchema } from './schedule.ts';

/** Requests per plan that a generator takes: what it keeps of each is 25 to 41 bytes, so about 80 MB. */
export const maxRequestsPerPlan = 2_000_000;

/** One kind of request, leaving by one schedule. */
export const streamPlanSchema = z.object({
  name: z.string().min(1),
  method: z.enum(['GET', 'POST']),
  path: z.string().startsWith('/'),
  /** A JSON text, for POST. */
  body: z.string().optional(),
  /** `keep-alive`: as many kept connections as are needed. `new`: one connection per request, as a container probe does. */
  connection: z.enum(['keep-alive', 'new']),
  schedule: scheduleSpecSchema,
  /** A request older than this, from its actual send, is given up and counted at its age. */
  timeoutMs: z.number().positive(),
});

/** See {@link streamPlanSchema}. */
export type StreamPlan = z.infer<typeof streamPlanSchema>;

/** Everything a generator process does: the same traffic for warm-up and window, then a bounded wait for answers. */
export const loadPlanSchema = z
  .object({
    /** The target listens on 127.0.0.1. The lab loads no other host. */
    port: z.number().int().min(1).max(65535),
    streams: z.array(streamPlanSchema).min(1),
    warmupMs: z.number().nonnegative(),
    measureMs: z.number().positive().max(3_600_000),
    drainMs: z.number().nonnegative(),
    /** Width of the blocks of intended start that figures are kept by. */
    blockMs: z.number().positive(),
  })
  .refine(
    ({ streams, warmupMs, measureMs }) =>
      streams.reduce(
        (sum, { schedule }) => sum + countRequests(schedule, warmupMs + measureMs),
        0,
      ) <= maxRequestsPerPlan,
    { error: `a plan may hold at most ${maxRequestsPerPlan} requests: less load, or less time` },
  );

/** See {@link loadPlanSchema}. */
export type LoadPlan = z.infer<typeof loadPlanSchema>;

/** How many requests a schedule comes to. Of users without think time only the target knows. */
function countRequests(schedule: ScheduleSpec, durationMs: number): number {
  const perSec =
    schedule.kind !== 'virtual-users'
      ? schedule.arrivalRatePerSec
      : schedule.thinkTimeMs === 0
        ? 0
        : (schedule.users * 1000) / schedule.thinkTimeMs;
  return perSec * (durationMs / 1000);
}
