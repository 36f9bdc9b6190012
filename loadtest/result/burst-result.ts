import { z } from 'zod';
import { environmentSchema } from './environment.ts';
import { encodedHistogramSchema } from './histogram.ts';
import { kernelCountersSchema, tcpSettingsSchema } from './kernel-counters.ts';

const count = z.number().int().nonnegative();
const countsByKind = z.record(z.string(), count);

/** What the server's event loop does while the connections arrive. */
export const loopStateSchema = z.enum(['free', 'blocked']);

/** See {@link loopStateSchema}. */
export type LoopState = z.infer<typeof loopStateSchema>;

/** What `burst` was asked for. */
export const burstSettingsSchema = z.object({
  connections: z.number().int().min(1).max(10_000),
  backlogs: z.array(z.number().int().min(1).max(65_535)).min(1),
  loops: z.array(loopStateSchema).min(1),
  /** About how long the loop stays blocked once the burst has begun, where it is. */
  blockMs: z.number().positive(),
  /** When what is not finished is given up, from the first connection on. */
  deadlineMs: z.number().positive(),
});

/** See {@link burstSettingsSchema}. */
export type BurstSettings = z.infer<typeof burstSettingsSchema>;

const burstOutcomeShape = z.object({
  /** When the first connection was opened, in milliseconds since 1970. */
  startedEpochMs: z.number(),
  /** From the first connection's opening to the last one's. The client sees nothing before: times include it. */
  openedWithinMs: z.number().nonnegative(),
  opened: count,
  /** Connected, and answered in full with a status of 2xx. */
  answered: count,
  /** Connected, but not answered at the deadline. */
  neverAnswered: count,
  /** Neither connected nor failed at the deadline. */
  notConnected: count,
  /** Failures by kind: `refused`, `reset`, `503 QUEUE_FULL` … */
  errors: z.object({ beforeConnected: countsByKind, afterConnected: countsByKind }),
  /** From the opening until the client's kernel said connected; everyone who ever was. */
  connectTimeUs: encodedHistogramSchema,
  /** From the opening to the first byte of the answer; those who were answered. */
  firstByteTimeUs: encodedHistogramSchema,
  /** From the opening to the deadline; those who were connected and never answered. */
  neverAnsweredAgeUs: encodedHistogramSchema,
  /** From the opening to the deadline; those who were not connected. */
  notConnectedAgeUs: encodedHistogramSchema,
  /** From the opening to the failure; those who failed. */
  errorAgeUs: encodedHistogramSchema,
});

/** What came of one burst, as its client saw it. Every connection is counted once. */
export const burstOutcomeSchema = burstOutcomeShape.refine(isAccountedFor, {
  error: 'the counts do not add up to the connections',
});

/** See {@link burstOutcomeSchema}. */
export type BurstOutcome = z.infer<typeof burstOutcomeShape>;

/** Why a case's figures cannot be trusted. */
export const burstFaultSchema = z.discriminatedUnion('code', [
  /** The client ran out of sockets, ports or memory of its own. */
  z.object({ code: z.literal('CLIENT_LIMIT'), error: z.string(), count }),
  /** The loop turned again before the last connection was opened. */
  z.object({
    code: z.literal('LOOP_TURNED'),
    blockedForMs: z.number(),
    openedWithinMs: z.number(),
  }),
]);

/** See {@link burstFaultSchema}. */
export type BurstFault = z.infer<typeof burstFaultSchema>;

const burstCaseShape = burstOutcomeShape.extend({
  backlog: z.number().int().positive(),
  loop: loopStateSchema,
  /** What the kernel makes of the backlog: min(backlog, somaxconn); null: not readable here. */
  effectiveBacklog: z.number().int().positive().nullable(),
  /** From the first connection on until the loop turned again; null: it was left free. */
  blockedForMs: z.number().nonnegative().nullable(),
  /** Most connections seen waiting to be accepted, of about ten looks a second; null: not readable here. */
  acceptQueueMax: count.nullable(),
  /** What the kernel counted during the burst in the whole network namespace; null: not readable here. */
  kernelCounters: kernelCountersSchema.nullable(),
  /** Empty: the case can be trusted. */
  faults: z.array(burstFaultSchema),
});

/** One burst on a fresh server process. */
export const burstCaseSchema = burstCaseShape.refine(isAccountedFor, {
  error: 'the counts do not add up to the connections',
});

/** See {@link burstCaseSchema}. */
export type BurstCase = z.infer<typeof burstCaseShape>;

/** Everything `burst` found out, as `--json` prints it and `burst.json` holds it. */
export const burstResultSchema = z.object({
  schemaVersion: z.literal(1),
  experiment: z.literal('burst'),
  /** False: it was stopped before all of its cases were made. */
  complete: z.boolean(),
  createdAt: z.iso.datetime(),
  environment: environmentSchema,
  /** null: not readable here. */
  tcpSettings: tcpSettingsSchema.nullable(),
  settings: burstSettingsSchema,
  cases: z.array(burstCaseSchema),
});

/** See {@link burstResultSchema}. */
export type BurstResult = z.infer<typeof burstResultSchema>;

function isAccountedFor(outcome: BurstOutcome): boolean {
  const { opened, answered, neverAnswered, notConnected, errors } = outcome;
  const failed = [
    ...Object.values(errors.beforeConnected),
    ...Object.values(errors.afterConnected),
  ];
  return (
    failed.reduce((sum, some) => sum + some, answered + neverAnswered + notConnected) === opened
  );
}
