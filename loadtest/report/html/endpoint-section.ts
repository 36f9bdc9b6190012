import { type LevelSummary, summarizeLevels } from '../../analysis/contrast-summary.ts';
import { describeLoad } from '../load-name.ts';
import { renderDuration, renderRate } from '../units.ts';
import { type Figure, forLoad, renderFigure, renderTable } from './figure.ts';
import { type Html, html } from './markup.ts';
import type { ReportView, StreamView } from './report-view.ts';

/** An endpoint's figures. */
export interface EndpointFigures {
  readonly load: Figure | undefined;
  readonly percentiles: Figure;
  readonly time: Figure;
}

/** Everything about the endpoints, one after the other. */
export function renderEndpoints(
  view: ReportView,
  figures: ReadonlyMap<string, EndpointFigures>,
): Html {
  const levels = summarizeLevels(view.result);
  return html`${view.streams.map((stream) => {
    const own = figures.get(stream.name);
    if (own === undefined) return html``;
    return html`<section aria-labelledby="${stream.name}"><h2 id="${stream.name}"><code>${stream.title}</code></h2>
      <p>${describeConnections(stream)}</p>
      ${view.loads.map((load) => html`<div${forLoad(load)}>${renderSummary(view, levels, stream, load)}</div>`)}
      <div class="charts">${own.load === undefined ? html`` : renderFigure(own.load)}${renderFigure(own.percentiles)}${renderFigure(own.time, 'wide')}</div></section>
    `;
  })}`;
}

function describeConnections({ connection, isClosedLoop }: StreamView): string {
  if (connection === 'new') {
    return 'A new connection for every request, as a container’s health probe opens.';
  }
  return isClosedLoop ? 'One kept connection for each virtual user.' : 'On kept connections.';
}

function renderSummary(
  { loadUnit }: ReportView,
  levels: readonly LevelSummary[],
  stream: StreamView,
  load: number,
): Html {
  const rows = levels
    .filter(({ offeredLoad }) => offeredLoad === load)
    .flatMap(({ target, streams }) => {
      const own = streams.find(({ name }) => name === stream.name);
      return own === undefined ? [] : [{ target, ...own }];
    });
  if (rows.length === 0) return html`<p>Not requested ${describeLoad(load, loadUnit)}.</p>`;
  const admissions = rows.flatMap(({ target, connectTime, admissionTime }) =>
    admissionTime === undefined
      ? []
      : `${target}: connected after ${renderDuration(connectTime?.p50Ms)}, first byte after ${renderDuration(admissionTime.p50Ms)} (p99 ${renderDuration(admissionTime.p99Ms)}).`,
  );
  const table = renderTable({
    head: ['Target', 'offered/s', 'done/s', 'p50', 'p95', 'p99', 'max', 'failed', 'unanswered'],
    rows: rows.map(({ target, responseTime, errors, unanswered, ...row }) => [
      target,
      renderRate(row.arrivalRatePerSec),
      renderRate(row.throughputPerSec),
      renderDuration(responseTime?.p50Ms),
      renderDuration(responseTime?.p95Ms),
      renderDuration(responseTime?.p99Ms),
      renderDuration(responseTime?.maxMs),
      `${Object.values(errors).reduce((sum, count) => sum + count, 0)}`,
      `${unanswered}`,
    ]),
  });
  return html`<div class="scroll" tabindex="0">${table}</div>${admissions.length === 0 ? html`` : html`<p>New connections: ${admissions.join(' ')}</p>`}`;
}
