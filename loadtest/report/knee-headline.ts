import { compareKnees, findKnees } from '../analysis/knee.ts';
import type { LabResult } from '../result/result.ts';
import type { ReportHeadline } from './headline.ts';
import { renderAdvantage } from './knee-table.ts';
import { renderDuration, renderRate } from './units.ts';

/** What a search for the knees came to, in a sentence that needs no statistics to be understood. */
export function describeKnees(result: LabResult): ReportHeadline {
  const knees = findKnees(result);
  const slo = renderDuration(result.plan.sloP99Ms);
  const detail = knees
    .map(({ target, carried, notCarried }) =>
      carried === undefined
        ? `${target}: no load was carried.`
        : `${target} carries ${renderRate(carried.perSec)} computations per second` +
          (notCarried === undefined
            ? ', and no load that was tried was too much.'
            : `, and no longer ${renderRate(notCarried.perSec)}.`),
    )
    .join(' ');
  const advantage = renderAdvantage(knees);
  return advantage === undefined
    ? {
        sentence: `What each mode carries while 99 of 100 GET /users stay below ${slo}.`,
        details: [detail],
        tone: 'neutral',
      }
    : {
        sentence: `While 99 of 100 GET /users stay below ${slo} and nothing fails, ${advantage}`,
        details: [detail],
        tone: toTone(knees),
      };
}

function toTone(knees: ReturnType<typeof findKnees>): ReportHeadline['tone'] {
  const inline = knees.find(({ mode }) => mode === 'inline');
  const pool = knees.find(({ mode }) => mode !== 'inline');
  const ratio = inline && pool && compareKnees(pool, inline);
  if (ratio === undefined) return 'neutral';
  return ratio.low > 1 ? 'good' : ratio.high < 1 ? 'bad' : 'neutral';
}
