import { findKnees } from '../../analysis/knee.ts';
import { kneeColumns, renderRow } from '../knee-table.ts';
import { renderDuration } from '../units.ts';
import { renderTable } from './figure.ts';
import { type Html, html } from './markup.ts';
import type { ReportView } from './report-view.ts';

/** The knees and what led to them; nothing for other experiments. */
export function renderKnees({ result }: ReportView): Html {
  if (result.experiment !== 'knee') return html``;
  const knees = findKnees(result);
  const searches = knees.flatMap(({ target, bisections }) =>
    bisections.flatMap(({ repetition, probes }) =>
      probes.map(({ offeredLoad, outcome }, index) => [
        target,
        `${repetition}`,
        `${index + 1}`,
        `${offeredLoad.toFixed(3)}×`,
        outcome === 'invalid' ? 'said nothing' : outcome,
      ]),
    ),
  );
  return html`<section aria-labelledby="knees"><h2 id="knees">How much compute does each mode carry?</h2>
    <p>A load is carried when p99 of <code>GET /users</code> stays below ${renderDuration(result.plan.sloP99Ms)} and nothing fails. Found by bisection, over again
    for each search; a run that failed was repeated before it counted. Predicted: 1 ÷ c inline, min(threads, cores) ÷ c with a pool.</p>
    <div class="scroll" tabindex="0">${renderTable({ head: kneeColumns.map(({ title }) => title), rows: knees.map(renderRow) })}</div>
    <details><summary>Every step of the searches</summary><div class="scroll" tabindex="0">${renderTable(
      {
        head: ['Mode', 'Search', 'Step', 'Load', 'Outcome'],
        rows: searches,
      },
    )}</div></details></section>
  `;
}
