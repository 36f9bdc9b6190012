import { z } from 'zod';
import { streamPlanSchema } from '../generator/load-plan.ts';

/** A stream before its rate is known: that of `offered-load` follows from a run's load and the calibration. */
export const streamTemplateSchema = streamPlanSchema.omit({ schedule: true }).extend({
  /** How requests are spread over time. Virtual users have no say in it: they send when they are answered. */
  arrivals: z.enum(['constant', 'poisson']),
  arrivalRate: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('fixed'), perSec: z.number().positive() }),
    z.object({ kind: z.literal('offered-load') }),
    /** A closed loop: as many users as the run's load says, each waiting for its answer and then for a while. */
    z.object({
      kind: z.literal('virtual-users'),
      thinkTimeMs: z.number().nonnegative(),
      /** As in the schedule. */
      isBackground: z.boolean().optional(),
    }),
  ]),
});

/** See {@link streamTemplateSchema}. */
export type StreamTemplate = z.infer<typeof streamTemplateSchema>;

/** One thing that is compared: a server under given settings. */
export const targetPlanSchema = z.object({
  name: z.string().min(1),
  /** The environment that makes this target what it is. */
  settings: z.record(z.string(), z.string()),
});

/** See {@link targetPlanSchema}. */
export type TargetPlan = z.infer<typeof targetPlanSchema>;

/** One fresh process of one target under one load. */
export const runPlanSchema = z.object({
  id: z.string().min(1),
  target: z.string(),
  repetition: z.number().int().positive(),
  /** In the plan's {@link ExperimentPlan.loadUnit}. In threads it is ρ: offered compute rate × calibrated service time, so 1 is all that one thread can do. */
  offeredLoad: z.number().nonnegative(),
  warmupMs: z.number().nonnegative(),
  measureMs: z.number().positive(),
  /** How long answers are waited for after the window, at most. */
  drainMs: z.number().nonnegative(),
});

/** See {@link runPlanSchema}. */
export type RunPlan = z.infer<typeof runPlanSchema>;

/** How one call's service time is found out: sequential calls to an otherwise idle target, in rounds. */
export const calibrationPlanSchema = z.object({
  target: z.string(),
  /** Each on a fresh process. */
  rounds: z.number().int().positive(),
  /** Of each round. */
  warmupCalls: z.number().int().nonnegative(),
  /** Of each round. */
  calls: z.number().int().positive(),
  /** Enough is enough: a round takes its share of this, and none begins after it. At least three calls are made. */
  maxMs: z.number().positive(),
});

/** See {@link calibrationPlanSchema}. */
export type CalibrationPlan = z.infer<typeof calibrationPlanSchema>;

/** Everything an experiment will do, as a value. Levels, order and repeats are nothing but its list of runs. */
export const experimentPlanSchema = z.object({
  targets: z.array(targetPlanSchema).min(1),
  /** All arrivals follow from it: drawn for each invocation, shared by the targets of a round. */
  seed: z.number().int().nonnegative(),
  /** What every kept connection asks for once before the load. */
  openingPath: z.string().startsWith('/'),
  /** What the runs' `offeredLoad` counts. */
  loadUnit: z.enum(['threads', 'virtual users']),
  calibration: calibrationPlanSchema,
  streams: z.array(streamTemplateSchema).min(1),
  blockMs: z.number().positive(),
  /** What p99 of GET /users has to stay below for a load to count as carried. */
  sloP99Ms: z.number().positive(),
  /** The user's own task module, as it was named; null: the built-in sum. */
  task: z.string().nullable(),
  /** Empty: the task is too short to be put under load. */
  runs: z.array(runPlanSchema),
  /** How many rounds at most are made again because a run of theirs cannot be trusted. A round: all targets, one load, one repetition. */
  maxRepeatedRounds: z.number().int().nonnegative(),
});

/** What a load counts: see {@link experimentPlanSchema}. */
export type LoadUnit = ExperimentPlan['loadUnit'];

/** See {@link experimentPlanSchema}. */
export type ExperimentPlan = z.infer<typeof experimentPlanSchema>;
