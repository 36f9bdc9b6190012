import { summarizeAdmission } from '../../analysis/admission-summary.ts';
import { explainAdmission } from '../admission-explanation.ts';
import { newcomerColumns, renderNewcomers } from '../admission-table.ts';
import { renderTable } from './figure.ts';
import { type Html, html, keepTogether } from './markup.ts';
import type { ReportView } from './report-view.ts';

/** What newcomers met, and why; nothing for other experiments. */
export function renderAdmissionSection({ result }: ReportView): Html {
  if (result.experiment !== 'admission') return html``;
  const table = renderTable({
    head: newcomerColumns.map(({ title }) => title),
    rows: renderNewcomers(summarizeAdmission(result)),
  });
  return html`<section aria-labelledby="admission"><h2 id="admission">How long do newcomers wait?</h2>
    <div class="scroll" tabindex="0">${table}</div>
    <ul>${explainAdmission(result).map((line) => html`<li>${keepTogether(line)}</li>`)}</ul></section>
  `;
}
