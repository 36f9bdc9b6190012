import { type AdmissionSummary, summarizeAdmission } from '../analysis/admission-summary.ts';
import type { LabResult } from '../result/result.ts';
import { renderBound } from './bound.ts';
import type { ReportHeadline } from './headline.ts';
import { renderCount } from './units.ts';

/** What newcomers meet with the most busy clients that were measured. */
export function describeAdmission(result: Pick<LabResult, 'plan' | 'runs'>): ReportHeadline {
  const summaries = summarizeAdmission(result);
  const most = summaries.at(-1)?.clients;
  if (most === undefined)
    return { sentence: 'Nothing was measured.', details: [], tone: 'neutral' };
  const atMost = summaries.filter(({ clients }) => clients === most);
  const waits = atMost.map(
    ({ target, firstByte }) => `${renderBound(firstByte?.p50)} with ${target}`,
  );
  return {
    sentence: `With ${most} busy clients the first byte on a new connection takes ${waits.join(', ')} (p50).`,
    details: [`Never answered: ${atMost.map(describeLost).join(', ')}.`],
    tone: 'neutral',
  };
}

function describeLost({ target, neverAnswered, newcomers }: AdmissionSummary): string {
  return `${renderCount(neverAnswered)} of ${renderCount(newcomers)} with ${target}`;
}
