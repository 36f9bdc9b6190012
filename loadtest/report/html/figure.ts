import { type Html, html, keepTogether } from './markup.ts';
import type { ChartData, ChartKey } from './page-data.ts';

/** A table of texts. The first column names the row. */
export interface TextTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What a chart says in words and figures at one load. */
export interface FigureText {
  /** `null`: at all loads together. */
  readonly load: number | null;
  readonly summary: string;
  readonly table: TextTable;
}

/** A chart with its text alternative. */
export interface Figure {
  readonly title: string;
  readonly chart: ChartData;
  readonly texts: readonly FigureText[];
}

/** A figure for the page. The page's script fills the plot in; everything else is there without it. */
export function renderFigure({ title, chart, texts }: Figure, className = ''): Html {
  const { id } = chart;
  return html`<figure class="${className}" id="${id}">
    <h3 id="${id}-title">${title}</h3>
    <ul class="key">${chart.keys.map(renderKey)}<li class="at"></li></ul>
    <p class="axis">${chart.y.label}</p>
    <div class="plot" role="img" aria-labelledby="${id}-title" aria-describedby="${id}-text" data-chart="${id}"></div>
    <figcaption id="${id}-text">${texts.map(({ load, summary }) => html`<p${forLoad(load)}>${keepTogether(summary)}</p>`)}</figcaption>
    <details><summary>The figures as a table</summary>${texts.map(({ load, table }) => html`<div class="scroll" tabindex="0"${forLoad(load)}>${renderTable(table)}</div>`)}</details>
    </figure>
  `;
}

/** A table of text; wrap it in `.scroll` where it may be wider than a phone. */
export function renderTable({ head, rows }: TextTable): Html {
  return html`<table><thead><tr>${head.map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
    <tbody>${rows.map(([name = '', ...cells]) => html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table>`;
}

/** An attribute: what bears it belongs to one load and is hidden while another is shown. */
export function forLoad(load: number | null): Html {
  return load === null ? html`` : html` data-load="${load}"`;
}

function renderKey({ label, target, look }: ChartKey): Html {
  const mark =
    look === 'points'
      ? html`<circle cx="6" cy="5" r="2.5"/><circle cx="18" cy="5" r="2.5"/>`
      : html`<line x1="0" y1="5" x2="26" y2="5"/>`;
  return html`<li><svg width="26" height="10" aria-hidden="true" class="t${target % 4} ${look}">${mark}</svg>${label} <output></output></li>`;
}
