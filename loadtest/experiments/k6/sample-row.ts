import { z } from 'zod';
import { LabError } from '../../lab-error.ts';

const numberText = z
  .string()
  .regex(/^-?\d+(?:\.\d+)?$/)
  .transform(Number);
const countText = z.string().regex(/^\d*$/).transform(Number);

/** k6 joins what has no column of its own as `name=value&name=value`, in any order. */
const pairsText = z.string().transform((text) => new URLSearchParams(text));

const rowSchema = z
  .object({
    metric_name: z.string().min(1),
    /** In microseconds since 1970, which a double holds exactly. */
    timestamp: numberText,
    metric_value: numberText,
    scenario: z.string(),
    status: countText,
    error_code: countText,
    extra_tags: pairsText,
    metadata: pairsText,
  })
  .transform((row) => ({
    metric: row.metric_name,
    epochMs: row.timestamp / 1000,
    value: row.metric_value,
    scenario: row.scenario,
    status: row.status,
    errorCode: row.error_code,
    serverCode: row.extra_tags.get('code') ?? undefined,
    /** Which iteration of which virtual user it is from. */
    iteration: `${row.metadata.get('vu')} ${row.metadata.get('iter')}`,
  }));

/** One sample of k6. */
export type SampleRow = z.infer<typeof rowSchema>;

/** The system tags k6 has to be asked for. The last two tell iterations apart. */
export const systemTags = ['error_code', 'scenario', 'status', 'vu', 'iter'] as const;

/**
 * Reads the head of k6's CSV output, which names the columns, and returns a parser for the lines after it. Both throw a
 * {@link LabError} on what is not theirs.
 */
export function createRowParser(head: string): (line: string) => SampleRow {
  const names = head.split(',');
  return (line) => {
    const cells = line.split(',');
    const row = rowSchema.safeParse(Object.fromEntries(names.map((name, at) => [name, cells[at]])));
    // A quoted cell could hide a comma. None of what the lab's scripts and tags give needs quotes.
    if (!row.success || cells.length !== names.length || line.includes('"')) {
      throw new LabError(`k6 wrote a sample that is not one of k6 2.x: ${line.slice(0, 200)}`, 3);
    }
    return row.data;
  };
}
