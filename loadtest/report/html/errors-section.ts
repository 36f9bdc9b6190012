import { type LevelSummary, summarizeLevels } from '../../analysis/levels.ts';
import type { LoadUnit } from '../../result/experiment-plan.ts';
import { nameLoad } from '../load-name.ts';
import { nameStream } from '../timing-lines.ts';
import { renderTable } from './figure.ts';
import { type Html, html } from './markup.ts';
import type { ReportView } from './report-view.ts';

/** Every failure by kind, at every load. */
export function renderErrors(view: ReportView): Html {
  const rows = summarizeLevels(view.result)
    .toSorted((a, b) => a.offeredLoad - b.offeredLoad)
    .flatMap((level) => toRows(level, view.loadUnit));
  return html`<section aria-labelledby="errors"><h2 id="errors">What failed</h2>
    ${
      rows.length === 0
        ? html`<p>Nothing: no request failed, timed out or was left unanswered, at any load.</p>`
        : html`<p>Requests that failed are in none of the times above. Those that timed out or were left unanswered are, at the age they
          had reached: lower bounds.</p><div class="scroll" tabindex="0">${renderTable({
            head: ['Endpoint', 'Target', 'Load', 'Kind', 'Requests', 'of all sent'],
            rows,
          })}</div>`
    }</section>
  `;
}

function toRows({ target, offeredLoad, streams }: LevelSummary, unit: LoadUnit): string[][] {
  return streams.flatMap(({ errors, unanswered, sent, ...stream }) =>
    [
      ...Object.entries(errors),
      ...(unanswered > 0 ? [['unanswered', unanswered] as const] : []),
    ].map(([kind, count]) => [
      nameStream(stream),
      target,
      nameLoad(offeredLoad, unit),
      kind,
      count.toLocaleString('en-US'),
      sent === 0 ? '–' : `${((100 * count) / sent).toFixed(1)} %`,
    ]),
  );
}
