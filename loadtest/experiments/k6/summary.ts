import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { LabError } from '../../lab-error.ts';

const summarySchema = z.object({
  metrics: z.record(
    z.string(),
    z.object({ thresholds: z.record(z.string(), z.object({ ok: z.boolean() })).optional() }),
  ),
});

/** The thresholds that did not hold, from the summary a script wrote. Rejects with a {@link LabError} when it is none. */
export async function readMissedThresholds(path: string): Promise<string[]> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new LabError('k6 wrote no summary', 3, { cause: error });
  }
  const summary = summarySchema.safeParse(value);
  if (!summary.success) throw new LabError('k6 wrote a summary that is not one of k6 2.x', 3);
  return Object.entries(summary.data.metrics).flatMap(([metric, { thresholds = {} }]) =>
    Object.entries(thresholds).flatMap(([condition, { ok }]) =>
      ok ? [] : `${metric} ${condition}`,
    ),
  );
}
