import { z } from 'zod';

/** Why a run cannot be trusted, as data: a code, what was found and what would have been allowed. */
export const validityReasonSchema = z.object({
  code: z.enum([
    /** Share of the machine's CPU time that other processes and other machines took while little was left, 0 to 1. */
    'CPU_TAKEN',
    /** p99 of the generator's lateness, in ms. */
    'GENERATOR_LATE',
    /** The generator's event loop utilisation, 0 to 1. */
    'GENERATOR_BUSY',
    /** Share of the schedule that was sent, 0 to 1. */
    'SCHEDULE_NOT_SENT',
    /** Count of an error that is the generator's own, named in `detail`. */
    'GENERATOR_ERROR',
    /** Good answers of a stream in the window, named in `detail`: without any there is no time to speak of. */
    'NO_ANSWERS',
  ]),
  value: z.number(),
  limit: z.number(),
  detail: z.string().optional(),
});

/** See {@link validityReasonSchema}. */
export type ValidityReason = z.infer<typeof validityReasonSchema>;
