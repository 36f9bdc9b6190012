import { z } from 'zod';
import { closedLoopEndpointResultSchema } from './closed-loop-result.ts';
import { environmentSchema } from './environment.ts';
import { validityReasonSchema } from './validity.ts';

const ratio = z.number().min(0).max(1);
const durationMs = z.number().nonnegative();

/** Everything the quick check was going to do, as data. */
export const quickPlanSchema = z.object({
  /** In this order, a fresh server each. */
  modes: z.array(z.enum(['inline', 'pool'])).min(1),
  /** Those of GET /users and of GET /health. */
  connections: z.object({
    users: z.number().int().positive(),
    health: z.number().int().positive(),
  }),
  /** Those that press GET /compute in the second phase. */
  pressingConnections: z.number().int().positive(),
  /** Of each phase, not counted. */
  warmupMs: durationMs,
  /** Of each phase, after the warm-up. */
  measureMs: z.number().positive(),
  /** The environment of the server, besides its mode. */
  settings: z.record(z.string(), z.string()),
});

/** See {@link quickPlanSchema}. */
export type QuickPlan = z.infer<typeof quickPlanSchema>;

/** What came of one endpoint in one phase. */
export const quickEndpointSchema = closedLoopEndpointResultSchema
  .omit({ serviceTimeUs: true })
  .extend({
    /** Good answers per second. */
    throughputPerSec: z.number().nonnegative(),
    /** From the send to the last byte, of good answers; null when there was none. */
    serviceTime: z
      .object({
        count: z.number().int().positive(),
        p50Ms: durationMs,
        p95Ms: durationMs,
        p99Ms: durationMs,
        maxMs: durationMs,
      })
      .nullable(),
  });

/** See {@link quickEndpointSchema}. */
export type QuickEndpoint = z.infer<typeof quickEndpointSchema>;

/** One measured window on one server. */
export const quickPhaseSchema = z.object({
  /** Whether GET /compute was pressed. */
  pressed: z.boolean(),
  windowMs: z.number().positive(),
  eventLoopUtilization: z.object({
    generator: ratio,
    /** A blocked loop counts as busy; null where the server has no admin listener. */
    server: ratio.nullable(),
  }),
  endpoints: z.array(quickEndpointSchema).min(1),
  /** Empty: the phase can be trusted, within what a closed loop can tell. */
  invalidReasons: z.array(validityReasonSchema),
});

/** See {@link quickPhaseSchema}. */
export type QuickPhase = z.infer<typeof quickPhaseSchema>;

/** One fresh server: first without, then with /compute pressed. */
export const quickRunSchema = z.object({
  mode: z.enum(['inline', 'pool']),
  server: z.object({
    /** Threads that /compute ran on. */
    threads: z.number().int().nonnegative(),
    startMs: durationMs,
    /** False: it had to be killed, or did not exit with code 0. */
    stoppedGracefully: z.boolean(),
  }),
  phases: z.array(quickPhaseSchema).min(1),
});

/** See {@link quickRunSchema}. */
export type QuickRun = z.infer<typeof quickRunSchema>;

/** What `lab quick --json` prints. It is not for `lab compare` or `lab merge`: those take open-model results. */
export const quickResultSchema = z.object({
  schemaVersion: z.literal(1),
  experiment: z.literal('quick'),
  /** A connection waits for its answer before it sends again. */
  model: z.literal('closed'),
  createdAt: z.iso.datetime(),
  environment: environmentSchema,
  plan: quickPlanSchema,
  runs: z.array(quickRunSchema).min(1),
});

/** See {@link quickResultSchema}. */
export type QuickResult = z.infer<typeof quickResultSchema>;
