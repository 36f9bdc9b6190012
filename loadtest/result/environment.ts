import { z } from 'zod';

/** Where a result was measured. `null`: could not be read here. */
export const environmentSchema = z.object({
  cpuModel: z.string(),
  cores: z.number().int().positive(),
  availableParallelism: z.number().int().positive(),
  memoryBytes: z.number().positive(),
  nodeVersion: z.string(),
  libuvVersion: z.string(),
  v8Version: z.string(),
  platform: z.string(),
  arch: z.string(),
  kernelRelease: z.string(),
  /** The kernel's cap on a listening socket's accept queue (Linux). */
  somaxconn: z.number().int().nullable(),
  git: z.object({ commit: z.string(), dirty: z.boolean() }).nullable(),
});

/** See {@link environmentSchema}. */
export type Environment = z.infer<typeof environmentSchema>;
