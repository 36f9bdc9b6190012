import { z } from 'zod';
import { type ScheduleSpec, scheduleSpecSchema } from './schedule.ts';

/** Requests per plan that a generator takes: what it keeps of each is 25 to 41 bytes, so about 80 MB. */
export const maxRequestsPerPlan = 2_000_000;

/**
 * How the requests of a stream get their connections. `kept`: a bounded number, each opened and answered once before
 * the first request; a request that finds none free waits for one. `new`: one for each request, as a newcomer's.
 * `on-demand`: opened when a request finds none free and kept from then on, as virtual users and k6 do; on Linux such
 * a request waits in the accept queue although it is connected.
 */
export const connectionPolicySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('kept'), connections: z.number().int().positive() }),
  z.object({ kind: z.literal('new') }),
  z.object({ kind: z.literal('on-demand') }),
]);

/** See {@link connectionPolicySchema}. */
export type ConnectionPolicy = z.infer<typeof connectionPolicySchema>;

/** One kind of request, leaving by one schedule. */
export const streamPlanSchema = z.object({
  name: z.string().min(1),
  method: z.enum(['GET', 'POST']),
  path: z.string().startsWith('/'),
  /** JSON texts for POST, taken in turn. */
  bodies: z.array(z.string()).min(1).optional(),
  connection: connectionPolicySchema,
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
    /** What every kept connection asks for once, before the warm-up: a GET that is cheap for the target. */
    openingPath: z.string().startsWith('/'),
    warmupMs: z.number().nonnegative(),
    measureMs: z.number().positive().max(3_600_000),
    drainMs: z.number().nonnegative(),
    /** Width of the blocks of intended start that figures are kept by. */
    blockMs: z.number().positive(),
  })
  .superRefine(({ streams }, { addIssue }) => {
    for (const [position, stream] of streams.entries()) {
      const message = findMisfit(stream);
      if (message === undefined) continue;
      addIssue({ code: 'custom', path: ['streams', position], message });
    }
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

/** Why a stream cannot be sent on the connections it asks for. */
function findMisfit({ name, schedule, connection }: StreamPlan): string | undefined {
  const areUsers = schedule.kind === 'virtual-users';
  if (connection.kind === 'on-demand' && !areUsers) {
    return `${name}: only virtual users open connections on demand: a schedule sends on kept or on new ones`;
  }
  return connection.kind === 'kept' && areUsers
    ? `${name}: virtual users have no bounded connections: on demand or new ones`
    : undefined;
}

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
