import { explainOriginal, originalColumns, renderOriginalRows } from '../original-table.ts';
import { renderTable } from './figure.ts';
import { type Html, html, keepTogether } from './markup.ts';
import type { ReportView } from './report-view.ts';

/** The original experiment's figures beside ours; nothing for other experiments. */
export function renderOriginalSection({ result }: ReportView): Html {
  if (result.experiment !== 'seed') return html``;
  const table = renderTable({
    head: originalColumns.map(({ title }) => title),
    rows: renderOriginalRows(result).filter((row) => row.length > 0),
  });
  return html`<section aria-labelledby="original"><h2 id="original">Beside the original</h2>
    <div class="scroll" tabindex="0">${table}</div>
    <ul>${explainOriginal(result).map((line) => html`<li>${keepTogether(line)}</li>`)}</ul></section>
  `;
}
