import type { QuickEndpoint, QuickResult, QuickRun } from '../result/quick-result.ts';
import { type Column, renderColumns } from './columns.ts';
import { renderClosedLoopNotes, renderLimits, renderSlowdowns } from './quick-lines.ts';
import { renderDuration, renderRate } from './units.ts';

const columns: readonly Column[] = [
  { title: 'mode', align: 'left' },
  { title: '/compute', align: 'left' },
  { title: 'endpoint', align: 'left' },
  { title: 'connections', align: 'right' },
  { title: 'req/s', align: 'right' },
  { title: 'p50', align: 'right' },
  { title: 'p95', align: 'right' },
  { title: 'p99', align: 'right' },
  { title: 'max', align: 'right' },
  { title: 'errors', align: 'left' },
  { title: 'unanswered', align: 'left' },
];

/** A quick check for the terminal: the figures first, then what they say and what they cannot say. */
export function renderQuick(result: QuickResult): string {
  const rows = result.runs.flatMap((run, index) => [
    ...(index === 0 ? [] : [[]]),
    ...renderRun(run),
  ]);
  return `${[
    ...renderColumns(columns, rows),
    '',
    ...renderSlowdowns(result),
    '',
    ...renderLimits(result),
    '',
    ...renderClosedLoopNotes(result),
  ].join('\n')}\n`;
}

/** The mode and the state of /compute are named where they begin. */
function renderRun({ mode, phases }: QuickRun): string[][] {
  return phases.flatMap(({ pressed, endpoints }, phaseIndex) =>
    endpoints.map((endpoint, index) => [
      phaseIndex + index === 0 ? mode : '',
      index === 0 ? (pressed ? 'pressed' : 'quiet') : '',
      ...renderEndpoint(endpoint),
    ]),
  );
}

function renderEndpoint(endpoint: QuickEndpoint): string[] {
  const { path, connections, throughputPerSec, serviceTime, errors } = endpoint;
  const kinds = Object.entries(errors).map(([kind, count]) => `${count} ${kind}`);
  return [
    `GET ${path}`,
    `${connections}`,
    renderRate(throughputPerSec),
    renderDuration(serviceTime?.p50Ms),
    renderDuration(serviceTime?.p95Ms),
    renderDuration(serviceTime?.p99Ms),
    renderDuration(serviceTime?.maxMs),
    kinds.length === 0 ? 'none' : kinds.join(', '),
    endpoint.oldestUnansweredMs === null
      ? `${endpoint.unanswered}`
      : `${endpoint.unanswered}, for ${renderDuration(endpoint.oldestUnansweredMs)}`,
  ];
}
