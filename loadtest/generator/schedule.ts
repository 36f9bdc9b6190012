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
  /** A rate that changes evenly from the beginning of the warm-up to the end of the window. */
  z.object({
    kind: z.literal('ramp'),
    /** The mean of the two. */
    arrivalRatePerSec: rateSchema,
    fromPerSec: z.number().nonnegative(),
    toPerSec: z.number().nonnegative(),
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
  if (spec.kind === 'poisson') return poisson(spec.arrivalRatePerSec, spec.seed, durationMs);
  return ramp(spec.fromPerSec, spec.toPerSec, durationMs);
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

// By time t a rate that goes evenly from a to b over T has let a·t + (b − a)·t² ÷ 2T requests go; request
// number i leaves where that reaches i + ½. Solved for t in the form that loses no digits when a ≈ b.
function ramp(fromPerSec: number, toPerSec: number, durationMs: number): Float64Array {
  const durationSec = durationMs / 1000;
  const slope = (toPerSec - fromPerSec) / durationSec;
  const count = Math.floor(((fromPerSec + toPerSec) / 2) * durationSec + 0.5 - 1e-9);
  return Float64Array.from({ length: count }, (_, index) => {
    const gone = index + 0.5;
    return (2000 * gone) / (fromPerSec + Math.sqrt(fromPerSec ** 2 + 2 * slope * gone));
  });
}
