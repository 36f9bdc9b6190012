import { type LevelSummary, summarizeLevels } from '../../analysis/levels.ts';
import { lacksSteadyState } from '../../stats/steady-state.ts';
import { renderTime, renderTroubles } from '../contrast-table.ts';
import { renderGrowth, renderShare } from '../headline-lines.ts';
import { describeLoad } from '../load-name.ts';
import { renderDuration, renderRate } from '../units.ts';
import { type Figure, forLoad, renderFigure, renderTable } from './figure.ts';
import { type Html, html, keepTogether } from './markup.ts';
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
      <p>${describeConnections(stream, view.result.generator)}</p>
      ${view.loads.map((load) => html`<div${forLoad(load)}>${renderSummary(view, levels, stream, load)}</div>`)}
      <div class="charts">${own.load === undefined ? html`` : renderFigure(own.load)}${renderFigure(own.percentiles)}${renderFigure(own.time, 'wide')}</div></section>
    `;
  })}`;
}

function describeConnections(
  { connection, isClosedLoop }: StreamView,
  { tool }: ReportView['result']['generator'],
): string {
  switch (connection.kind) {
    case 'new':
      return 'A new connection for every request, as a newcomer or a container’s health probe opens.';
    case 'on-demand':
      return isClosedLoop
        ? 'One connection for each virtual user, opened by its first request and kept.'
        : 'Connections are opened when a request finds none free, and kept.';
    case 'kept':
      return tool === 'k6'
        ? 'On one kept connection for each of k6’s virtual users, opened by its first request; they take turns.'
        : `On ${connection.connections} kept connections, opened and answered once before.`;
  }
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
      : `${target}: connected after ${renderDuration(connectTime?.p50Ms)}, first byte after ${renderDuration(admissionTime.p50Ms)} (p95 ${renderDuration(admissionTime.p95Ms)}).`,
  );
  const table = renderTable({
    head: [
      ...['Target', 'offered/s', 'done/s', 'p50', 'p95', 'p99'],
      ...(rows.some(({ trend }) => trend !== undefined)
        ? ['state', 'growth', 'answered in time, of 100']
        : []),
      'failed',
    ],
    rows: rows.map((row) => [
      row.target,
      renderRate(row.arrivalRatePerSec),
      renderRate(row.throughputPerSec),
      ...([50, 95, 99] as const).map((percentile) =>
        lacksSteadyState(row.trend) ? '–' : renderTime(row, percentile),
      ),
      ...(row.trend === undefined
        ? []
        : [
            row.trend.state,
            row.connection.kind === 'new' ? '–' : renderGrowth(row.trend.growthMsPerSec),
            renderShare(row.answeredRatio),
          ]),
      renderTroubles([row]),
    ]),
  });
  return html`<div class="scroll" tabindex="0">${table}</div>${admissions.length === 0 ? html`` : html`<p>${keepTogether(`New connections: ${admissions.join(' ')}`)}</p>`}`;
}
