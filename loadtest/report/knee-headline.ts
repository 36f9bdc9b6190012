import { compareKnees, findKnees, type Knee } from '../analysis/knee.ts';
import type { LabResult } from '../result/result.ts';
import type { ReportHeadline } from './headline.ts';
import { renderAdvantage, renderP99, renderPerSec, renderWhy } from './knee-table.ts';
import { renderDuration } from './units.ts';

/** What a search for the knees came to, in a sentence that needs no statistics to be understood. */
export function describeKnees(result: LabResult): ReportHeadline {
  const knees = findKnees(result);
  const slo = renderDuration(result.plan.sloP99Ms);
  const details = knees.flatMap(describeKnee);
  const advantage = renderAdvantage(knees);
  return advantage === undefined
    ? {
        sentence: `What each mode carries while 99 of 100 GET /users stay below ${slo}.`,
        details,
        tone: 'neutral',
      }
    : {
        sentence: `While 99 of 100 GET /users stay below ${slo}, ${advantage}`,
        details,
        tone: toTone(knees),
      };
}

function describeKnee({ target, carried, notCarried, isSettled }: Knee): string[] {
  const found =
    carried !== undefined
      ? `${target} carries ${renderPerSec(carried)}: p99 ${renderP99(carried)}, ${carried.runs} runs.`
      : isSettled
        ? `${target} carries no load that was tried.`
        : `What ${target} carries was not found.`;
  if (notCarried !== undefined) {
    return [
      found,
      `${target} does not carry ${renderPerSec(notCarried)}: ${renderWhy(notCarried)}.`,
    ];
  }
  return isSettled
    ? [found, `${target} carries more than was tried, or it cannot be told.`]
    : [found];
}

function toTone(knees: readonly Knee[]): ReportHeadline['tone'] {
  const inline = knees.find(({ mode }) => mode === 'inline');
  const pool = knees.find(({ mode }) => mode !== 'inline');
  const ratio = inline && pool && compareKnees(pool, inline);
  if (ratio === undefined) return 'neutral';
  return ratio.low > 1 ? 'good' : ratio.high < 1 ? 'bad' : 'neutral';
}
