import { z } from 'zod';

const count = z.number().int().nonnegative();
const ratio = z.number().min(0).max(1);

/**
 * The server's own view at one moment, ten times a second. Figures per interval cover the time since the
 * sample before. `main: null` is a gap: the event loop was blocked and could not tell anything.
 */
export const telemetryPointSchema = z.object({
  /** Milliseconds from the beginning of the measured window; negative during the warm-up. */
  atMs: z.number(),
  /** How long ago the event loop last turned. */
  heartbeatAgeMs: z.number(),
  /** CPU time of the whole process since its start. */
  cpuMs: z.number().nonnegative(),
  /** CPU time of the main thread since its start; null where the system does not tell. */
  mainThreadCpuMs: z.number().nonnegative().nullable(),
  /** The same of each living pool thread; null where the system does not tell. */
  computeThreadsCpuMs: z.array(z.number().nonnegative()).nullable(),
  rssBytes: count.nullable(),
  /** Connections the kernel has accepted and the server has not; null where the system does not tell. */
  acceptQueue: count.nullable(),
  main: z
    .object({
      eventLoopDelayMs: z.object({ p99: z.number(), max: z.number() }).nullable(),
      eventLoopUtilization: ratio,
      requestsInFlight: z.number().int(),
      computeInFlight: count,
      /** Depth of the gate's queue. */
      computeWaiting: count,
      workers: z.array(z.object({ threadId: z.number().int(), utilization: ratio })),
      connectionsTotal: count,
      requestsTotal: count,
      computeEnded: z.object({
        /** Computations that ended in the interval: `OK`, `CLIENT_GONE`, `QUEUE_FULL` and other error codes. */
        outcomes: z.record(z.string(), count),
        queueWaitMaxMs: z.number().nullable(),
        serviceTimeMaxMs: z.number().nullable(),
      }),
    })
    .nullable(),
});

/** See {@link telemetryPointSchema}. */
export type TelemetryPoint = z.infer<typeof telemetryPointSchema>;
