import { z } from 'zod';

/** The IPC message by which a server under test says that it takes requests. */
export const readyMessageSchema = z.object({
  type: z.literal('ready'),
  port: z.number().int().min(1).max(65535),
  adminPort: z.number().int().min(1).max(65535).nullable().default(null),
  mode: z.string(),
  /** Threads that `/compute` runs on. */
  threads: z.number().int().nonnegative(),
});

/** See {@link readyMessageSchema}. */
export type ReadyMessage = z.infer<typeof readyMessageSchema>;
