import { isCoreBound } from '../analysis/core-bound.ts';
import {
  compareKnees,
  findKnees,
  isKneeTrustworthy,
  type JudgedLoad,
  type Knee,
  type Load,
} from '../analysis/knee.ts';
import type { LabResult } from '../result/result.ts';
import { type Column, renderColumns } from './columns.ts';
import { renderDuration, renderRate } from './units.ts';
import { renderValidity } from './validity-lines.ts';

/** What the cells of {@link renderRow} are. */
export const kneeColumns: readonly Column[] = [
  { title: 'mode', align: 'left' },
  { title: 'carries', align: 'right' },
  { title: 'GET /users p99 there', align: 'left' },
  { title: 'does not carry', align: 'right' },
  { title: 'why', align: 'left' },
  { title: 'as load', align: 'left' },
  { title: 'predicted', align: 'right' },
  { title: 'runs', align: 'right' },
];

/** The knees of a result for the terminal: what each target carries, beside what arithmetic expects. */
export function renderKnee(result: LabResult): string {
  const knees = findKnees(result);
  const { calibration, environment } = result;
  const advantage = renderAdvantage(knees);
  return `${[
    'The highest compute load each mode carries, in requests of /compute per second.',
    ...explainKnee(result),
    '',
    ...renderColumns(kneeColumns, knees.map(renderRow)),
    '',
    ...knees.flatMap((knee) => renderNotes(knee, result)),
    ...(advantage === undefined ? [] : [advantage]),
    '',
    `One call takes ${renderDuration(calibration.serviceTimeMs)} of a thread, c. Predicted: 1 ÷ c inline, min(threads, cores) ÷ c with a pool,`,
    `here ${environment.availableParallelism} usable ${environment.availableParallelism === 1 ? 'core' : 'cores'}; it leaves nothing for HTTP, for others on the cores, or for waiting.`,
    ...(knees.some(({ mode, threads }) => mode !== 'inline' && isCoreBound(threads, environment))
      ? [
          'Load generator, event loop and pool threads shared the cores: the pool would carry more without a neighbour.',
        ]
      : []),
    '',
    ...renderTrust(result, knees),
  ].join('\n')}\n`;
}

/** What "carries" means, in a few lines. */
export function explainKnee({ plan, runs }: Pick<LabResult, 'plan' | 'runs'>): string[] {
  const windowMs = Math.max(...runs.map((run) => run.plan.measureMs));
  const slo = renderDuration(plan.sloP99Ms);
  return [
    `A load is carried when p99 of GET /users, in windows of ${renderDuration(windowMs)}, is below ${slo} with 95 % confidence, and requests`,
    `fail in no more than one of its runs. It is not carried when p99 is above ${slo} with the same confidence, or requests fail in two runs.`,
  ];
}

/** A knee as cells, as {@link kneeColumns} names them. */
export function renderRow(knee: Knee): string[] {
  const { target, carried, notCarried, predicted, isSettled, history } = knee;
  // A search that was given up is no sign of a low knee, nor of a high one.
  const instead = (text: string) => (isSettled ? text : 'not found');
  return [
    target,
    carried === undefined ? instead('no load tried') : renderPerSec(carried),
    carried === undefined ? '' : renderP99(carried),
    notCarried === undefined ? instead('not reached') : renderPerSec(notCarried),
    notCarried === undefined ? '' : renderWhy(notCarried),
    `${carried === undefined ? '?' : renderLoad(carried)} to ${notCarried === undefined ? '?' : renderLoad(notCarried)}`,
    renderPerSec(predicted),
    `${history.length}`,
  ];
}

/** What a row cannot hold, a sentence each: loads of which it cannot be told, and what failed where the load is carried all the same. */
export function renderNotes(
  { target, carried, undecided }: Knee,
  { plan }: Pick<LabResult, 'plan'>,
): string[] {
  const loads = undecided.map(renderPerSec).join(', ');
  return [
    ...(undecided.length === 0
      ? []
      : [
          `${target} at ${loads}: cannot tell, p99 is too close to ${renderDuration(plan.sloP99Ms)} for how much the runs differ.`,
        ]),
    ...(carried === undefined || carried.failingRuns === 0
      ? []
      : [`${target} at ${renderPerSec(carried)}: carried, with ${renderFailures(carried)}.`]),
  ];
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

/** p99 of a load with its interval, where there is one. */
export function renderP99({ p99Ms, p99Interval }: JudgedLoad): string {
  if (p99Interval === undefined) return renderDuration(p99Ms);
  const { low, high } = p99Interval;
  return `${renderDuration(p99Ms)} (${renderDuration(low)} to ${renderDuration(high)})`;
}

/** Why a load was not carried, in a few words: what failed if that was the reason, else how slow it was. */
export function renderWhy(load: JudgedLoad): string {
  return load.failingRuns < 2 ? `p99 ${renderP99(load)}` : renderFailures(load);
}

function renderFailures({ failingRuns, failures, runs }: JudgedLoad): string {
  const counts = failures.map(({ count, stream, kind }) => `${count} ${stream} ${kind}`);
  return `${counts.join(', ')} in ${failingRuns} of ${runs} runs`;
}

/** Requests of `/compute` per second. */
export function renderPerSec({ perSec }: Load): string {
  return `${renderRate(perSec)}/s`;
}

/** As a multiple of what one thread can do. */
export function renderLoad({ offeredLoad }: Load): string {
  return offeredLoad.toFixed(2);
}

function renderTrust(result: LabResult, knees: readonly Knee[]): string[] {
  const disturbed = knees
    .flatMap(({ history }) => history)
    .filter(({ isValid }) => !isValid).length;
  const repeated =
    disturbed === 0
      ? ''
      : ` ${disturbed} disturbed ${disturbed === 1 ? 'run' : 'runs'} did not count.`;
  if (isKneeTrustworthy(result)) return [`Valid: every search came to its end.${repeated}`];
  if (!result.complete) {
    return [
      `INVALID: do not use these figures: the searches were stopped before their end.${repeated}`,
    ];
  }
  return [
    `INVALID: do not use these figures: a search was given up.${repeated}`,
    ...knees.flatMap((knee) => renderGivenUp(result, knee)),
  ];
}

function renderGivenUp(result: LabResult, { target, isSettled, history }: Knee): string[] {
  if (isSettled) return [];
  const last = result.runs.findLast(({ plan }) => plan.target === target);
  const [, ...reasons] =
    last === undefined || history.at(-1)?.isValid === true
      ? []
      : renderValidity({ ...result, complete: true, runs: [last] });
  return reasons.length === 0
    ? [`  ${target}: after ${history.length} runs there was no answer`]
    : [`  ${target}: one run after the other was disturbed, the last one so:`, ...reasons];
}
