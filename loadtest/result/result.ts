import { z } from 'zod';
import { LabError } from '../lab-error.ts';
import { environmentSchema } from './environment.ts';
import { experimentPlanSchema, runPlanSchema } from './experiment-plan.ts';
import { overheadSchema } from './overhead.ts';
import { selfCheckSchema, streamResultSchema } from './stream-result.ts';
import { telemetryPointSchema } from './telemetry.ts';
import { validityReasonSchema } from './validity.ts';

/** The version this lab writes and reads. Up to 4, kept connections were opened when needed, and figures meant something else. */
export const schemaVersion = 5;

const calibrationRoundSchema = z.object({
  /** The very first call of the process. */
  firstMs: z.number().nonnegative(),
  samplesMs: z.array(z.number().nonnegative()).min(1),
});

/** What one call costs, from the server's own `Server-Timing`. */
export const calibrationSchema = z.object({
  target: z.string(),
  /** c, the time one call occupies a thread: the median of the round that was disturbed least; of several inputs the mean. */
  serviceTimeMs: z.number().positive(),
  rounds: z.array(calibrationRoundSchema).min(1),
  /** One more round after the last run; null: none was made. */
  atEnd: calibrationRoundSchema.nullable(),
});

/** See {@link calibrationSchema}. */
export type Calibration = z.infer<typeof calibrationSchema>;

/** What the rest of the machine did during a window. */
export const hostSchema = z.object({
  /** CPU time the hypervisor gave to others, as a share of all CPU time; null where the system does not tell. */
  stolenCpuRatio: z.number().min(0).max(1).nullable(),
  /** CPU time of processes that are not the lab's, the same way. */
  othersCpuRatio: z.number().min(0).max(1).nullable(),
  /** CPU time that nobody wanted, the same way. */
  idleCpuRatio: z.number().min(0).max(1).nullable(),
});

/** A run of a round that was made again because one of its runs could not be trusted. Its figures are gone, so that nobody picks from them. */
export const discardedRunSchema = z.object({
  plan: runPlanSchema,
  /** Empty: another run of its round could not be. */
  invalidReasons: z.array(validityReasonSchema),
  host: hostSchema,
});

/** See {@link discardedRunSchema}. */
export type DiscardedRun = z.infer<typeof discardedRunSchema>;

/** What came of one run. */
export const runResultSchema = z.object({
  plan: runPlanSchema,
  server: z.object({
    mode: z.string(),
    threads: z.number().int().nonnegative(),
    startMs: z.number().nonnegative(),
    /** False: it had to be killed, or did not exit with code 0. */
    stoppedGracefully: z.boolean(),
  }),
  /** When the measured window began, in milliseconds since 1970; null in results of version 1. */
  windowStartEpochMs: z.number().nullable(),
  streams: z.array(streamResultSchema),
  selfCheck: selfCheckSchema,
  host: hostSchema,
  /** In order of time; empty where the server has no admin listener. */
  telemetry: z.array(telemetryPointSchema),
  /** Empty: the run can be trusted. */
  invalidReasons: z.array(validityReasonSchema),
});

/** See {@link runResultSchema}. */
export type RunResult = z.infer<typeof runResultSchema>;

/** One measurement, complete enough to render everything else from it. */
export const labResultSchema = z.object({
  schemaVersion: z.literal(schemaVersion),
  /** `aa`: a contrast of a target with itself. */
  experiment: z.enum(['contrast', 'aa', 'knee', 'seed', 'admission', 'k6 baseline', 'k6 mixed']),
  /** What sent the load. */
  generator: z.object({
    tool: z.enum(['offload-lab', 'k6']),
    version: z.string(),
  }),
  /** False: it was stopped before all of its runs were made. */
  complete: z.boolean(),
  createdAt: z.iso.datetime(),
  environment: environmentSchema,
  plan: experimentPlanSchema,
  calibration: calibrationSchema,
  /** What handing a task to the pool costs; absent or null: not measured. */
  overhead: overheadSchema.nullish(),
  runs: z.array(runResultSchema),
  /** What could not be trusted and was measured again, in order; a search keeps such runs among its own. */
  discarded: z.array(discardedRunSchema),
});

/** See {@link labResultSchema}. */
export type LabResult = z.infer<typeof labResultSchema>;

/** Reads a saved result. Throws a {@link LabError} that says which version it is, or what is wrong where. */
export function parseResult(value: unknown): LabResult {
  const versioned = z.object({ schemaVersion: z.number() }).safeParse(value);
  if (!versioned.success) throw new LabError('not a lab result: it has no schemaVersion', 2);
  const { schemaVersion: version } = versioned.data;
  if (version !== schemaVersion) {
    throw new LabError(`result has schema version ${version}, this lab reads ${schemaVersion}`, 2);
  }
  const result = labResultSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'result' : issue.path.join('.');
  throw new LabError(`malformed result: ${where}: ${issue?.message ?? 'unknown'}`, 2);
}
