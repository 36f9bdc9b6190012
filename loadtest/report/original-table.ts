import {
  type OriginalTest,
  originalDurationMs,
  originalTests,
  originalThinkTimeMs,
} from '../analysis/original-experiment.ts';
import {
  summarizeVirtualUsers,
  type VirtualUsersSummary,
} from '../analysis/virtual-users-summary.ts';
import type { LabResult } from '../result/result.ts';
import { type Column, renderColumns } from './columns.ts';
import { describeMachine } from './machine-line.ts';
import { describeSeed } from './original-headline.ts';
import { renderCount, renderDuration, renderRate } from './units.ts';
import { renderValidity } from './validity-lines.ts';

/** What the cells of {@link renderOriginalRows} are. */
export const originalColumns: readonly Column[] = [
  { title: 'VUs', align: 'right' },
  { title: '', align: 'left' },
  { title: 'requests', align: 'right' },
  { title: 'failed', align: 'right' },
  { title: 'req/s', align: 'right' },
  { title: 'avg', align: 'right' },
  { title: 'p95', align: 'right' },
  { title: 'failures', align: 'left' },
];

/** The original experiment for the terminal: its own figures beside ours, and what there is to know about both. */
export function renderOriginalTable(result: LabResult): string {
  const { sentence, details } = describeSeed(result);
  return `${[
    sentence,
    ...details,
    '',
    ...renderColumns(originalColumns, renderOriginalRows(result)),
    '',
    ...explainOriginal(result),
    '',
    ...renderValidity(result),
  ].join('\n')}\n`;
}

/** A row for each test of the original that was made again and for each of ours; an empty one between numbers of users. */
export function renderOriginalRows(result: Pick<LabResult, 'plan' | 'runs'>): string[][] {
  const summaries = summarizeVirtualUsers(result);
  const loads = [...new Set(summaries.map(({ virtualUsers }) => virtualUsers))];
  return loads.flatMap((load, index) => {
    const original = originalTests.filter(({ virtualUsers }) => virtualUsers === load);
    const ours = summaries.filter(({ virtualUsers }) => virtualUsers === load);
    const rows = [...original.map(renderOriginal), ...ours.map(renderOurs)];
    return [
      ...(index === 0 ? [] : [[]]),
      ...rows.map((row, position) => [position === 0 ? renderCount(load) : '', ...row]),
    ];
  });
}

function renderOriginal(test: OriginalTest): string[] {
  // Its times as k6 printed them: they are quoted, not measured.
  const times = [test.avgMs, test.p95Ms].map((ms) => `${ms} ms`);
  return ['original', ...renderCounts(test), ...times, test.failed === 0 ? '' : 'refused'];
}

function renderOurs(summary: VirtualUsersSummary): string[] {
  const { target, failures, avgMs, p95Ms } = summary;
  const kinds = Object.entries(failures).map(([kind, count]) => `${renderCount(count)} ${kind}`);
  const times = [avgMs, p95Ms].map(renderDuration);
  return [target, ...renderCounts(summary), ...times, kinds.join(', ')];
}

function renderCounts({
  requests,
  failed,
  requestsPerSec,
}: Pick<OriginalTest, 'requests' | 'failed' | 'requestsPerSec'>): string[] {
  return [renderCount(requests), renderCount(failed), renderRate(requestsPerSec)];
}

/** What the figures are of, a line each, however long. */
export function explainOriginal({ plan, environment, generator }: LabResult): string[] {
  const durationMs = Math.max(...plan.runs.map(({ measureMs }) => measureMs));
  const others =
    durationMs === originalDurationMs
      ? ''
      : `; the original's lasted ${originalDurationMs / 1000} s`;
  return [
    'Closed loop: each virtual user asks for GET /users on a connection of its own, waits for the answer, sleeps for ' +
      `${originalThinkTimeMs / 1000} s and asks again.`,
    `All begin at once, on a server that has just started. A test lasts ${durationMs / 1000} s${others}.`,
    describeTimes(generator),
    'The original ran on Windows, where a connection that finds no room in the accept queue is refused; on Linux it waits (npm run burst shows it).',
    describeMachine(environment),
  ];
}

function describeTimes({ tool, version }: LabResult['generator']): string {
  const own =
    tool === 'k6'
      ? `Sent by k6 ${version}; times are its http_req_duration.`
      : "Times count from the actual send to the last byte, as k6's http_req_duration. A user's first one holds the opening of its connection, which k6 leaves out.";
  return `${own} What was refused counts as 0 s in the original and is in no time here.`;
}
