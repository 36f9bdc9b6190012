import {
  type BurstCaseSummary,
  type BurstTimes,
  summarizeBurstCase,
} from '../analysis/burst-summary.ts';
import type { BurstCase, BurstFault, BurstResult } from '../result/burst-result.ts';
import { renderBound } from './bound.ts';
import { explainBurst } from './burst-explanation.ts';
import { renderKernelView } from './burst-kernel-table.ts';
import { burstKeyColumns, renderBurstKey } from './burst-key.ts';
import { type Column, renderColumns } from './columns.ts';
import { renderDuration } from './units.ts';

const right = (title: string): Column => ({ title, align: 'right' });

const outcomeColumns: readonly Column[] = [
  ...burstKeyColumns,
  ...['answered', 'never answered', 'not connected'].map(right),
  ...['connect p50', 'p99', 'max', 'first byte p50', 'p99', 'max'].map(right),
  { title: 'errors', align: 'left' },
];

/** The seconds that have a column of their own; what took longer shares one. */
const lastSecond = 4;

/** What `burst` found out, for the terminal. */
export function renderBurst(result: BurstResult): string {
  const { settings, cases } = result;
  const summaries = cases.map((burst) => ({ burst, summary: summarizeBurstCase(burst) }));
  return `${[
    `${settings.connections} connections at once, GET /health on each, given up after ${renderDuration(settings.deadlineMs)}.`,
    ...(settings.loops.includes('blocked')
      ? [
          `Blocked: the event loop is in /compute, for about ${renderDuration(settings.blockMs)}, while they arrive.`,
        ]
      : []),
    'Times count from the opening of a connection; those of unfinished ones are their ages (≥).',
    '',
    ...renderColumns(outcomeColumns, summaries.map(renderOutcome)),
    '',
    'How many were connected after about so many seconds',
    ...renderSteps(summaries, ({ connectedBySecond }) => connectedBySecond),
    '',
    'How many got the first byte of their answer after about so many seconds',
    ...renderSteps(summaries, ({ answeredBySecond }) => answeredBySecond),
    '',
    ...renderKernelView(result),
    '',
    ...explainBurst(result),
    '',
    ...renderTrust(result),
  ].join('\n')}\n`;
}

interface Summarized {
  readonly burst: BurstCase;
  readonly summary: BurstCaseSummary;
}

function renderOutcome({ burst, summary }: Summarized): string[] {
  return [
    ...renderBurstKey(burst),
    ...[burst.answered, burst.neverAnswered, burst.notConnected].map(String),
    ...renderTimes(summary.connectTimes),
    ...renderTimes(summary.firstByteTimes),
    renderErrors(summary.errors),
  ];
}

function renderTimes(times: BurstTimes | undefined): string[] {
  return [times?.p50, times?.p99, times?.max].map(renderBound);
}

function renderErrors(errors: Readonly<Record<string, number>>): string {
  const parts = Object.entries(errors).map(([kind, count]) => `${count} ${kind}`);
  return parts.length === 0 ? 'none' : parts.join(', ');
}

function renderSteps(
  summaries: readonly Summarized[],
  read: (summary: BurstCaseSummary) => readonly number[],
): string[] {
  const steps = summaries.map(({ summary }) => read(summary));
  const seconds = Math.min(lastSecond + 1, Math.max(1, ...steps.map(({ length }) => length)));
  const hasLater = steps.some(({ length }) => length > lastSecond + 1);
  const titles = Array.from({ length: seconds }, (_, second) =>
    second === 0 ? '<0.5 s' : `~${second} s`,
  );
  const columns = [
    ...burstKeyColumns,
    ...[...titles, ...(hasLater ? ['later'] : []), 'never'].map(right),
  ];
  const rows = summaries.map(({ burst }, index) => {
    const counts = steps[index] ?? [];
    const sum = (some: readonly number[]) => some.reduce((total, count) => total + count, 0);
    return [
      ...renderBurstKey(burst),
      ...titles.map((_, second) => `${counts[second] ?? 0}`),
      ...(hasLater ? [`${sum(counts.slice(lastSecond + 1))}`] : []),
      `${burst.opened - sum(counts)}`,
    ];
  });
  return renderColumns(columns, rows);
}

function renderTrust({ cases, settings, complete }: BurstResult): string[] {
  const planned = settings.backlogs.length * settings.loops.length;
  const incomplete = complete
    ? []
    : [`INCOMPLETE: stopped after ${cases.length} of ${planned} cases.`];
  const faults = cases.flatMap(({ backlog, loop, faults }) =>
    faults.map((fault) => `  backlog ${backlog}, loop ${loop}: ${renderFault(fault)}`),
  );
  if (faults.length > 0) {
    return [...incomplete, 'INVALID: do not use these figures, because', ...faults];
  }
  const worstMs = Math.max(...cases.map(({ openedWithinMs }) => openedWithinMs));
  return [
    ...incomplete,
    `Valid: the client had room for all connections and opened them within ${renderDuration(worstMs)} at worst.`,
  ];
}

function renderFault(fault: BurstFault): string {
  switch (fault.code) {
    case 'CLIENT_LIMIT':
      return `the client ran into ${fault.error} of its own, ${fault.count} times`;
    case 'LOOP_TURNED':
      return (
        `the loop turned again after ${renderDuration(fault.blockedForMs)}, before all connections ` +
        `had been opened (${renderDuration(fault.openedWithinMs)})`
      );
  }
}
