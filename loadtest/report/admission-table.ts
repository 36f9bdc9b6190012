import { type AdmissionSummary, summarizeAdmission } from '../analysis/admission-summary.ts';
import type { LabResult } from '../result/result.ts';
import { explainAdmission } from './admission-explanation.ts';
import { describeAdmission } from './admission-headline.ts';
import { renderBound } from './bound.ts';
import { type Column, renderColumns } from './columns.ts';
import { renderCount, renderRate } from './units.ts';
import { renderValidity } from './validity-lines.ts';

const right = (title: string): Column => ({ title, align: 'right' });

const keyColumns: readonly Column[] = [right('clients'), { title: 'mode', align: 'left' }];

/** What the cells of {@link renderNewcomers} are. */
export const newcomerColumns: readonly Column[] = [
  ...keyColumns,
  ...['newcomers', 'connected p50', 'p95', 'first byte p50', 'p95', 'never answered'].map(right),
  right('deepest accept queue'),
  { title: 'errors', align: 'left' },
];

/** What the admission experiment found out, for the terminal. */
export function renderAdmission(result: LabResult): string {
  const { sentence, details } = describeAdmission(result);
  const summaries = summarizeAdmission(result);
  return `${[
    sentence,
    ...details,
    '',
    ...renderColumns(newcomerColumns, renderNewcomers(summaries)),
    '',
    'Connections in the accept queue, the most in each second',
    ...renderQueues(summaries),
    '',
    'What the busy clients got',
    ...renderBusyClients(summaries),
    '',
    ...explainAdmission(result),
    '',
    ...renderValidity(result),
  ].join('\n')}\n`;
}

/** A row for each number of busy clients and mode: what newcomers met. */
export function renderNewcomers(summaries: readonly AdmissionSummary[]): string[][] {
  return summaries.map((summary) => {
    const { connect, firstByte, acceptQueueBySecond } = summary;
    const depths = acceptQueueBySecond.filter((depth) => depth !== null);
    return [
      ...renderKey(summary),
      renderCount(summary.newcomers),
      ...[connect?.p50, connect?.p95, firstByte?.p50, firstByte?.p95].map(renderBound),
      renderCount(summary.neverAnswered),
      renderDepth(depths.length === 0 ? null : Math.max(...depths)),
      renderErrors(summary.failures),
    ];
  });
}

function renderQueues(summaries: readonly AdmissionSummary[]): string[] {
  const seconds = Math.max(0, ...summaries.map((summary) => summary.acceptQueueBySecond.length));
  const columns = [
    ...keyColumns,
    ...Array.from({ length: seconds }, (_, second) => right(`${second + 1} s`)),
  ];
  const rows = summaries.map((summary) => [
    ...renderKey(summary),
    ...summary.acceptQueueBySecond.map(renderDepth),
  ]);
  return renderColumns(columns, rows);
}

function renderBusyClients(summaries: readonly AdmissionSummary[]): string[] {
  const columns = [
    ...keyColumns,
    right('computed/s'),
    right('unanswered'),
    { title: 'errors', align: 'left' as const },
  ];
  const rows = summaries.map((summary) => [
    ...renderKey(summary),
    renderRate(summary.compute?.throughputPerSec),
    renderCount(summary.compute?.unanswered ?? 0),
    renderErrors(summary.compute?.errors ?? {}),
  ]);
  return renderColumns(columns, rows);
}

function renderKey({ clients, target }: AdmissionSummary): string[] {
  return [renderCount(clients), target];
}

function renderDepth(depth: number | null): string {
  return depth === null ? '–' : renderCount(depth);
}

function renderErrors(errors: Readonly<Record<string, number>>): string {
  const kinds = Object.entries(errors).map(([kind, count]) => `${renderCount(count)} ${kind}`);
  return kinds.length === 0 ? 'none' : kinds.join(', ');
}
