import { z } from 'zod';
import { createRandom } from './random.ts';

const rateSchema = z.number().positive();

/** When the requests of a stream are meant to leave. A value, so that both targets get the very same one. */
export const scheduleSpecSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('constant'),
    arrivalRatePerSec: rateSchema,
    /** Offset of the first request, so that the streams of a run do not leave in step. */
    phaseMs: z.number().nonnegative(),
  }),
  /** Independent arrivals, as of many users who know nothing of each other, and as many as the rate says. */
  z.object({
    kind: z.literal('poisson'),
    arrivalRatePerSec: rateSchema,
    seed: z.number().int().nonnegative(),
  }),
  /** Nothing but the answers decides: each user sends, waits for the answer, thinks, and sends again (a closed loop). */
  z.object({
    kind: z.literal('virtual-users'),
    users: z.number().int().positive(),
    thinkTimeMs: z.number().nonnegative(),
    /** After the window they go on while other streams wait for answers: who waits is not let off. */
    isBackground: z.boolean().optional(),
  }),
]);

/** See {@link scheduleSpecSchema}. */
export type ScheduleSpec = z.infer<typeof scheduleSpecSchema>;

/** Requests meant to leave per second on average; undefined for virtual users, where the answers decide. */
export function readArrivalRatePerSec(spec: ScheduleSpec): number | undefined {
  return spec.kind === 'virtual-users' ? undefined : spec.arrivalRatePerSec;
}

/** A schedule that the answers make: a closed loop. */
export type VirtualUsersSchedule = Extract<ScheduleSpec, { kind: 'virtual-users' }>;

/** A schedule that is known beforehand: an open model. */
export type OpenSchedule = Exclude<ScheduleSpec, VirtualUsersSchedule>;

/** The intended starts within `durationMs`, as ascending offsets from the beginning, in milliseconds. */
export function createSchedule(spec: OpenSchedule, durationMs: number): Float64Array {
  if (spec.kind === 'constant')
    return constant(1000 / spec.arrivalRatePerSec, spec.phaseMs, durationMs);
  return poisson(spec.arrivalRatePerSec, spec.seed, durationMs);
}

function constant(intervalMs: number, phaseMs: number, durationMs: number): Float64Array {
  const count = Math.max(0, Math.ceil((durationMs - phaseMs) / intervalMs - 1e-9));
  // Each offset from the index and none from its predecessor: rounding errors must not add up to drift.
  return Float64Array.from({ length: count }, (_, index) => phaseMs + index * intervalMs);
}

// Given how many there are, the arrivals of a Poisson process are independent and uniform (Ross, Introduction to
// Probability Models, 5.3.5). The number is fixed, because a second or two of chance would offer another load than the
// one asked for. What of it is no whole request is left to chance.
function poisson(arrivalRatePerSec: number, seed: number, durationMs: number): Float64Array {
  const random = createRandom(seed);
  const count = Math.floor((arrivalRatePerSec * durationMs) / 1000 + random());
  return Float64Array.from({ length: count }, () => random() * durationMs).sort();
}
