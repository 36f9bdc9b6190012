import { findKnees, type Knee, type ProbedRun } from '../../analysis/knee.ts';
import { explainKnee, kneeColumns, renderNotes, renderRow } from '../knee-table.ts';
import { renderDuration } from '../units.ts';
import { renderTable } from './figure.ts';
import { type Html, html } from './markup.ts';
import type { ReportView } from './report-view.ts';

/** The knees and what led to them; nothing for other experiments. */
export function renderKnees({ result }: ReportView): Html {
  if (result.experiment !== 'knee') return html``;
  const knees = findKnees(result);
  const notes = knees.flatMap((knee) => renderNotes(knee, result));
  return html`<section aria-labelledby="knees"><h2 id="knees">How much compute does each mode carry?</h2>
    <p>${explainKnee(result).join(' ')} Predicted: 1 ÷ c inline, min(threads, cores) ÷ c with a pool.</p>
    <div class="scroll" tabindex="0">${renderTable({ head: kneeColumns.map(({ title }) => title), rows: knees.map(renderRow) })}</div>
    ${notes.map((sentence) => html`<p>${sentence}</p>`)}
    <details><summary>Every run of the searches</summary><div class="scroll" tabindex="0">${renderTable(
      {
        head: ['Mode', 'Run', 'Load', 'GET /users p99', 'Failed requests'],
        rows: knees.flatMap(listRuns),
      },
    )}</div></details></section>
  `;
}

function listRuns({ target, history }: Knee): string[][] {
  return history.map((run, index) => [
    target,
    `${index + 1}`,
    `${run.offeredLoad.toFixed(3)}×`,
    ...renderRun(run),
  ]);
}

function renderRun({ isValid, p99Ms, failures }: ProbedRun): string[] {
  if (!isValid) return ['disturbed: did not count', ''];
  const failed = failures.reduce((sum, { count }) => sum + count, 0);
  return [renderDuration(p99Ms), `${failed}`];
}
