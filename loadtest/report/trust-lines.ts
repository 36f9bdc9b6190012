import type { LabResult } from '../result/result.ts';
import { renderValidity } from './validity-lines.ts';

/** Why a result may be relied on, or why not: a sentence, then the runs it speaks of. */
export interface Trust {
  readonly sentence: string;
  readonly runs: readonly string[];
}

/**
 * Trust in the result as a whole: a search repeats a run that cannot be trusted, and then does not rest on it.
 * That a result is incomplete is left to whoever shows this. Undefined when there is no run to speak of.
 */
export function describeTrust(
  result: Pick<LabResult, 'runs' | 'plan' | 'discarded'>,
  isTrusted: boolean,
): Trust | undefined {
  if (result.runs.length === 0) return undefined;
  const [sentence = '', ...lines] = renderValidity({ ...result, complete: true });
  const runs = lines.map((line) => line.trim());
  if (isTrusted && runs.length > 0) {
    return {
      sentence: 'Valid: the answer does not rest on the runs that were repeated, because',
      runs,
    };
  }
  if (!isTrusted && runs.length === 0) {
    return {
      sentence: 'INVALID: every run can be trusted, yet together they do not make an answer.',
      runs,
    };
  }
  return { sentence, runs };
}
