import type { LabResult } from '../result/result.ts';
import { describeRepeats, type Finding, judgeRuns, withoutLoad } from './validity-lines.ts';

/**
 * Trust in the result as a whole: a search repeats a run that cannot be trusted, and then does not rest on it.
 * That a result is incomplete is left to whoever shows this. Undefined when no run was made of those that were planned.
 */
export function describeTrust(
  result: Pick<LabResult, 'runs' | 'plan' | 'discarded'>,
  isTrusted: boolean,
): Finding | undefined {
  if (result.plan.runs.length === 0) return { sentence: withoutLoad, items: [] };
  if (result.runs.length === 0) return undefined;
  const { sentence, items } = judgeRuns(result);
  const repeats = describeRepeats(result);
  if (!isTrusted) {
    const again = repeats === undefined ? [] : [repeats.sentence, ...repeats.items];
    return items.length > 0
      ? { sentence, items: [...items, ...again] }
      : {
          sentence: 'INVALID: every run can be trusted, yet together they do not make an answer.',
          items: again,
        };
  }
  if (items.length > 0) {
    return {
      sentence: 'Valid: the answer does not rest on the runs that were repeated, because',
      items,
    };
  }
  return repeats === undefined
    ? { sentence, items }
    : { sentence: `${sentence} ${repeats.sentence}`, items: repeats.items };
}
