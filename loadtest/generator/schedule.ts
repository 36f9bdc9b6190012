import { z } from 'zod';

/** When the requests of a stream are meant to leave. A value, so that both targets get the very same one. */
export const scheduleSpecSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('constant'),
    arrivalRatePerSec: z.number().positive(),
    /** Offset of the first request, so that the streams of a run do not leave in step. */
    phaseMs: z.number().nonnegative(),
  }),
]);

/** See {@link scheduleSpecSchema}. */
export type ScheduleSpec = z.infer<typeof scheduleSpecSchema>;

/** The intended starts within `durationMs`, as ascending offsets from the beginning, in milliseconds. */
export function createSchedule(spec: ScheduleSpec, durationMs: number): Float64Array {
  const intervalMs = 1000 / spec.arrivalRatePerSec;
  const count = Math.max(0, Math.ceil((durationMs - spec.phaseMs) / intervalMs - 1e-9));
  // Each offset from the index and none from its predecessor: rounding errors must not add up to drift.
  return Float64Array.from({ length: count }, (_, index) => spec.phaseMs + index * intervalMs);
}
