import { isCoreBound } from '../analysis/core-bound.ts';
import {
  compareKnees,
  findKnees,
  isKneeTrustworthy,
  isSettled,
  type Knee,
  type Load,
} from '../analysis/knee.ts';
import type { ProbeFailure } from '../analysis/knee-probe.ts';
import { judgedStream } from '../analysis/levels.ts';
import type { LabResult } from '../result/result.ts';
import { type Column, renderColumns } from './columns.ts';
import { renderDuration, renderRate } from './units.ts';

/** What the cells of {@link renderRow} are. */
export const kneeColumns: readonly Column[] = [
  { title: 'mode', align: 'left' },
  { title: 'carries', align: 'right' },
  { title: 'not any more', align: 'right' },
  { title: 'load', align: 'left' },
  { title: 'predicted', align: 'right' },
  { title: 'runs', align: 'right' },
  { title: 'what gave way', align: 'left' },
];

/** The knees of a result for the terminal: what each target carries, beside what arithmetic expects. */
export function renderKnee(result: LabResult): string {
  const knees = findKnees(result);
  const { calibration, plan, environment } = result;
  const advantage = renderAdvantage(knees);
  return `${[
    `Highest compute load carried while p99 of GET /users stays below ${renderDuration(plan.sloP99Ms)} and nothing fails,`,
    'in requests of /compute per second, found by bisection; a failing run was repeated before it counted.',
    '',
    ...renderColumns(kneeColumns, knees.map(renderRow)),
    '',
    ...(advantage === undefined ? [] : [advantage, '']),
    `One call takes ${renderDuration(calibration.serviceTimeMs)} of a thread. Predicted: 1 ÷ c inline, min(threads, cores) ÷ c with a pool,`,
    `here ${environment.availableParallelism} usable ${environment.availableParallelism === 1 ? 'core' : 'cores'}; it leaves nothing for HTTP, for others on the cores, or for waiting.`,
    ...(knees.some(({ mode, threads }) => mode !== 'inline' && isCoreBound(threads, environment))
      ? [
          'Load generator, event loop and pool threads shared the cores: the pool would carry more without a neighbour.',
        ]
      : []),
    '',
    ...renderTrust(result),
  ].join('\n')}\n`;
}

/** A knee as cells: mode, carries, not any more, load, predicted, runs, what gave way. */
export function renderRow(knee: Knee): string[] {
  const { target, carried, notCarried, predicted, bisections, limitedBy } = knee;
  const runs = bisections.reduce((sum, { probes }) => sum + probes.length, 0);
  // A search that was given up is no sign of a low knee, nor of a high one.
  const isFound = bisections.every(isSettled);
  return [
    target,
    carried === undefined ? (isFound ? 'less than tried' : 'not found') : toRate(carried),
    notCarried === undefined ? (isFound ? 'not reached' : 'not found') : toRate(notCarried),
    renderSpan(carried, notCarried),
    toRate(predicted),
    `${runs}`,
    limitedBy.map(renderFailure).join(', '),
  ];
}

/** The bracket as multiples of what one thread can do. */
function renderSpan(carried: Load | undefined, notCarried: Load | undefined): string {
  const low = carried === undefined ? '?' : carried.offeredLoad.toFixed(2);
  return notCarried === undefined
    ? `${low} or more`
    : `${low} to ${notCarried.offeredLoad.toFixed(2)}`;
}

/** How many times as much the pool carries, in a sentence; undefined when that was not found. */
export function renderAdvantage(knees: readonly Knee[]): string | undefined {
  const inline = knees.find(({ mode }) => mode === 'inline');
  const pool = knees.find(({ mode }) => mode !== 'inline');
  if (inline === undefined || pool === undefined) return undefined;
  const ratio = compareKnees(pool, inline);
  if (ratio === undefined) return undefined;
  const most = Number.isFinite(ratio.high) ? `${ratio.high.toFixed(1)} times` : 'more times';
  return `${pool.target} carries ${ratio.low.toFixed(1)} to ${most} as much as ${inline.target}.`;
}

/** What went wrong, in a few words. */
export function renderFailure(failure: ProbeFailure): string {
  switch (failure.kind) {
    case 'slow':
      return `${judgedStream} p99 ${renderDuration(failure.p99Ms)}`;
    case 'errors':
      return `${failure.count} ${failure.stream} ${failure.error}`;
    case 'unanswered':
      return `${failure.count} ${failure.stream} unanswered`;
  }
}

function renderTrust(result: LabResult): string[] {
  const invalid = result.runs.filter(({ invalidReasons }) =>
    invalidReasons.some(({ code }) => code !== 'NO_ANSWERS'),
  ).length;
  const repeated =
    invalid === 0 ? '' : ` ${invalid} in which the generator was late did not count.`;
  if (isKneeTrustworthy(result)) return [`Valid: every search came to its end.${repeated}`];
  const why = result.complete
    ? 'the load generator could not keep its schedule'
    : 'the searches were stopped before their end';
  return [`INVALID: do not use these figures, because ${why}.${repeated}`];
}

function toRate({ perSec }: Load): string {
  return `${renderRate(perSec)}/s`;
}
