import { isCoreBound } from '../analysis/core-bound.ts';
import { findLimit, findSlowdown, type QuickLimit } from '../analysis/quick-summary.ts';
import { maxUtilization } from '../generator/self-check.ts';
import type { QuickResult } from '../result/quick-result.ts';
import { type Column, renderColumns } from './columns.ts';
import { renderDuration, renderRatio } from './units.ts';
import { renderReason } from './validity-lines.ts';

/** One sentence: what pressing /compute did to GET /users in each mode. */
export function renderSlowdowns({ runs, plan }: Pick<QuickResult, 'runs' | 'plan'>): string[] {
  const parts = runs.map((run) => {
    const slowdown = findSlowdown(run);
    if (slowdown === undefined) return `cannot be compared in ${run.mode} mode`;
    const { ratio, quietP99Ms, pressedP99Ms } = slowdown;
    const times = `${renderDuration(quietP99Ms)}, then ${renderDuration(pressedP99Ms)}`;
    return `is ${renderRatio(ratio)} as long in ${run.mode} mode (${times})`;
  });
  const by = `${plan.pressingConnections} ${plural(plan.pressingConnections, 'connection')}`;
  return [`With /compute pressed by ${by}, p99 of GET /users ${parts.join(' and ')}.`];
}

const limitColumns: readonly Column[] = [
  { title: 'event loop busy', align: 'left' },
  { title: '/compute', align: 'left' },
  { title: 'autocannon', align: 'right' },
  { title: 'server', align: 'right' },
  { title: 'throughput limited by', align: 'left' },
];

const limitWords: Record<QuickLimit, string> = {
  generator: 'autocannon, not the server',
  server: 'the server',
  neither: 'neither of the two',
  unknown: 'unknown',
};

/** Which side was busier in each phase, and what follows where it was autocannon. */
export function renderLimits({ runs, environment }: QuickResult): string[] {
  const rows = runs.flatMap(({ mode, phases }) =>
    phases.map(({ pressed, eventLoopUtilization }) => [
      mode,
      pressed ? 'pressed' : 'quiet',
      toPercent(eventLoopUtilization.generator),
      toPercent(eventLoopUtilization.server),
      limitWords[findLimit(eventLoopUtilization)],
    ]),
  );
  const isGeneratorFull = runs.some(({ phases }) =>
    phases.some((phase) => phase.eventLoopUtilization.generator > maxUtilization),
  );
  const cores = environment.availableParallelism;
  const shared = runs.find(({ server }) => isCoreBound(server.threads, environment));
  return [
    ...renderColumns(limitColumns, rows),
    ...(isGeneratorFull
      ? [
          `Where autocannon was more than ${toPercent(maxUtilization)} busy, the times include waiting in autocannon itself;`,
          'where it was the limit, the server could have answered more.',
        ]
      : []),
    ...(shared === undefined
      ? []
      : [
          `autocannon, the event loop and /compute shared ${cores} ${plural(cores, 'core')}: busy includes waiting for one.`,
        ]),
  ];
}

/** What the figures are, what they cannot say, and whether they may be used at all. */
export function renderClosedLoopNotes({ runs }: Pick<QuickResult, 'runs'>): string[] {
  const reasons = runs.flatMap(({ mode, phases }) =>
    phases.flatMap(({ pressed, invalidReasons }) =>
      invalidReasons.map(
        (reason) => `  ${mode}, /compute ${pressed ? 'pressed' : 'quiet'}: ${renderReason(reason)}`,
      ),
    ),
  );
  return [
    'CLOSED LOOP: a connection waits for its answer before it asks again, so a blocked server is asked less.',
    'The times hold only below saturation. For numbers to decide by: npm run contrast.',
    'Connections: on demand. Each is opened by its first request, which then waits to be accepted, and is kept.',
    'Times are those of 2xx answers. Unanswered: open when the time was up, and for how long at most.',
    ...(reasons.length === 0 ? [] : ['INVALID: do not use these figures, because', ...reasons]),
  ];
}

function toPercent(ratio: number | null): string {
  return ratio === null ? '–' : `${Math.round(ratio * 100)} %`;
}

function plural(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`;
}
