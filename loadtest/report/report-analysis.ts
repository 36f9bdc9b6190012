import { findHeadline, type Headline } from '../analysis/headline.ts';
import { isValid } from '../analysis/validity.ts';
import { judge, verdictOf } from '../analysis/verdict.ts';
import type { LabResult } from '../result/result.ts';
import type { ReportAnalysis, ReportHeadline } from './headline.ts';
import { renderHeadline } from './headline-lines.ts';
import { describeShortTask } from './short-task-headline.ts';

/** What every renderer needs to know about a contrast. It takes a second, so one serves them all. */
export function analyzeForReport(
  result: LabResult,
  advice: ReportAnalysis['advice'] = [],
): ReportAnalysis {
  const verdict = judge(result);
  return {
    headline: toHeadline(result, verdict),
    verdict,
    isTrusted: isValid(result),
    advice,
  };
}

function toHeadline(result: LabResult, verdict: ReportAnalysis['verdict']): ReportHeadline {
  if (verdict === undefined) {
    return result.complete && result.plan.runs.length === 0
      ? describeShortTask(result)
      : { sentence: 'There is nothing to compare.', details: [], tone: 'neutral' };
  }
  const headline = findHeadline(verdict);
  const [sentence = '', ...details] = renderHeadline(headline, result.plan.loadUnit);
  return { sentence, details, tone: toTone(headline) };
}

/** Good: the second target is better where both have a steady state, or keeps up where the first does not. */
function toTone({ second, steady, overload }: Headline): ReportHeadline['tone'] {
  const verdict = steady === undefined ? undefined : verdictOf(steady.comparison);
  if (verdict === 'better') return 'good';
  if (verdict === 'worse') return 'bad';
  const isLost = overload?.targets.some(
    ({ target, state }) => target === second && state === 'does not keep up',
  );
  return overload === undefined || isLost ? 'neutral' : 'good';
}
