import { z } from 'zod';
import { streamPlanSchema } from '../generator/load-plan.ts';
import { encodedHistogramSchema } from './histogram.ts';

const countSchema = z.number().int().nonnegative();

/**
 * One block of a stream: the requests whose intended start lies in it (`completed` alone counts by the
 * time of the answer). Requests that timed out or were never answered are in the histograms at their
 * age when given up, as lower bounds; requests that failed are in none but `lagUs` and are counted by kind.
 */
export const blockResultSchema = z.object({
  /** From the beginning of the measured window. */
  startMs: z.number().nonnegative(),
  scheduled: countSchema,
  sent: countSchema,
  succeeded: countSchema,
  timedOut: countSchema,
  unanswered: countSchema,
  /** Failures by kind: `refused`, `reset`, `503 QUEUE_FULL` … */
  errors: z.record(z.string(), countSchema),
  /** Good answers that arrived within this block's time, whenever they were asked for. */
  completed: countSchema,
  /** Good answers to this block's requests that arrived before the window ended. */
  answeredInWindow: countSchema,
  /** Requests that found every kept connection busy. Their wait is part of their response time. */
  waitedForConnection: countSchema,
  /** From the intended start to the last byte. */
  responseTimeUs: encodedHistogramSchema,
  /** From the actual send to the last byte, a wait for a kept connection included. */
  sendToEndUs: encodedHistogramSchema,
  /** From the intended start to the actual send: the generator's own lateness. */
  lagUs: encodedHistogramSchema,
  /** How long those in `waitedForConnection` waited. Only with kept connections. */
  connectionWaitUs: encodedHistogramSchema.optional(),
  /** What the target says a call took (`Server-Timing: compute`). Only where it says so. */
  taskTimeUs: encodedHistogramSchema.optional(),
  /** From the actual send until the new connection stands. Only with new connections. */
  connectTimeUs: encodedHistogramSchema.optional(),
  /** From the actual send to the first byte of the answer on a new connection. Only with new connections. */
  admissionTimeUs: encodedHistogramSchema.optional(),
});

/** See {@link blockResultSchema}. */
export type BlockResult = z.infer<typeof blockResultSchema>;

/** What one stream did in the measured window, by blocks of intended start. */
export const streamResultSchema = z.object({
  plan: streamPlanSchema.omit({ bodies: true }),
  /**
   * Least-squares slope of response time on intended start over the window, in ms per second; requests that were given
   * up count at their age. Null: fewer than two were timed.
   */
  growthMsPerSec: z.number().nullable(),
  blocks: z.array(blockResultSchema),
});

/** See {@link streamResultSchema}. */
export type StreamResult = z.infer<typeof streamResultSchema>;

/** How well the generator kept its schedule within the measured window. Null: it does not tell, or has none. */
export const selfCheckSchema = z.object({
  scheduled: countSchema,
  sent: countSchema,
  lagP99Ms: z.number().nonnegative().nullable(),
  eventLoopUtilization: z.number().min(0).max(1).nullable(),
  /** Whether the kernel let it run as soon as it wanted to (a real-time priority). Null: not known. */
  isRealTime: z.boolean().nullable(),
  /** Failures that are the generator's own, by error code: no more sockets or ports. */
  ownErrors: z.record(z.string(), countSchema),
});

/** See {@link selfCheckSchema}. */
export type SelfCheck = z.infer<typeof selfCheckSchema>;

/** What a generator process hands back. */
export const loadResultSchema = z.object({
  /** When the measured window began, in milliseconds since 1970. */
  windowStartEpochMs: z.number(),
  streams: z.array(streamResultSchema),
  selfCheck: selfCheckSchema,
});

/** See {@link loadResultSchema}. */
export type LoadResult = z.infer<typeof loadResultSchema>;
