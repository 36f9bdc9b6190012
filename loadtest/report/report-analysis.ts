import { findHeadline } from '../analysis/headline.ts';
import { isValid } from '../analysis/validity.ts';
import { judge } from '../analysis/verdict.ts';
import type { LabResult } from '../result/result.ts';
import type { ReportAnalysis, ReportHeadline } from './headline.ts';
import { renderCertainty, renderHeadline } from './headline-lines.ts';

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
  const headline = verdict === undefined ? undefined : findHeadline(result, verdict);
  if (headline === undefined) {
    return { sentence: 'There is nothing to compare.', detail: '', tone: 'neutral' };
  }
  const { verdict: found } = headline.comparison;
  return {
    sentence: renderHeadline(headline),
    detail: renderCertainty(headline),
    tone: found === 'cannot tell' ? 'neutral' : found === 'better' ? 'good' : 'bad',
  };
}
