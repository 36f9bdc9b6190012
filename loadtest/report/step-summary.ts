import { type LevelSummary, summarizeLevels } from '../analysis/contrast-summary.ts';
import type { StreamSummary } from '../analysis/summarize-stream.ts';
import type { ContrastVerdict } from '../analysis/verdict.ts';
import type { LoadUnit } from '../result/experiment-plan.ts';
import type { LabResult } from '../result/result.ts';
import { nameVerdict, renderEstimate } from './comparison-text.ts';
import type { CheckedAssertion, ReportAnalysis } from './headline.ts';
import { nameLoad } from './load-name.ts';
import { describeTrust } from './trust-lines.ts';
import { renderDuration } from './units.ts';

/** Markdown for the summary of a GitHub Actions step (`$GITHUB_STEP_SUMMARY`), or for a pull request's comment. */
export function renderStepSummary(
  result: LabResult,
  { headline, verdict, isTrusted }: ReportAnalysis,
  assertions: readonly CheckedAssertion[],
): string {
  const levels = summarizeLevels(result).toSorted((a, b) => a.offeredLoad - b.offeredLoad);
  const { environment } = result;
  return [
    `## ${escapeMarkdown(headline.sentence)}`,
    '',
    ...(headline.detail === '' ? [] : [escapeMarkdown(headline.detail), '']),
    ...renderTrust(result, isTrusted),
    ...renderAssertions(assertions),
    ...renderTimes(result, levels),
    ...renderRatios(result, verdict),
    escapeMarkdown(
      `Node ${environment.nodeVersion}, ${environment.cpuModel}, ${environment.availableParallelism} usable cores, ${environment.platform} ${environment.kernelRelease}.`,
    ),
    '',
  ].join('\n');
}

function renderTrust(result: LabResult, isTrusted: boolean): string[] {
  const trust = describeTrust(result, isTrusted);
  const incomplete = `❌ INCOMPLETE: stopped after ${result.runs.length} of ${result.plan.runs.length} runs.`;
  return [
    ...(result.complete ? [] : [incomplete, '']),
    ...(trust === undefined
      ? []
      : [`${isTrusted ? '✅' : '❌'} ${escapeMarkdown(trust.sentence)}`, '']),
    ...(trust?.runs ?? []).map((line) => `- ${escapeMarkdown(line)}`),
    '',
  ];
}

function renderAssertions(assertions: readonly CheckedAssertion[]): string[] {
  if (assertions.length === 0) return [];
  const rows = assertions.map(({ text, passed, actual }) => [
    text,
    actual,
    passed ? '✅ kept' : '❌ missed',
  ]);
  return renderTable(['condition', 'outcome', ''], rows);
}

function renderTimes({ plan }: LabResult, levels: readonly LevelSummary[]): string[] {
  const rows = plan.streams.flatMap(({ name }) =>
    levels.flatMap((level) =>
      level.streams
        .filter((stream) => stream.name === name)
        .map((stream) => toRow(level, stream, plan.loadUnit)),
    ),
  );
  return renderTable(
    ['endpoint', 'load', 'target', 'p50', 'p95', 'p99', 'failed', 'unanswered'],
    rows,
  );
}

function toRow(
  { target, offeredLoad }: LevelSummary,
  stream: StreamSummary,
  unit: LoadUnit,
): string[] {
  const { method, path, responseTime, errors, unanswered } = stream;
  return [
    `${method} ${path}`,
    nameLoad(offeredLoad, unit),
    target,
    renderDuration(responseTime?.p50Ms),
    renderDuration(responseTime?.p95Ms),
    renderDuration(responseTime?.p99Ms),
    Object.entries(errors)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ') || '0',
    `${unanswered}`,
  ];
}

function renderRatios({ plan }: LabResult, verdict: ContrastVerdict | undefined): string[] {
  if (verdict === undefined) return [];
  const { first, second, comparisons } = verdict;
  const titles = new Map(plan.streams.map(({ name, method, path }) => [name, `${method} ${path}`]));
  const rows = comparisons.map((comparison) => {
    const { value, interval } = renderEstimate(comparison);
    return [
      titles.get(comparison.stream) ?? comparison.stream,
      nameLoad(comparison.offeredLoad, plan.loadUnit),
      `p${comparison.percentile}`,
      value,
      interval,
      nameVerdict(verdict, comparison),
    ];
  });
  return [
    '<details><summary>Ratios with 95 % confidence intervals</summary>',
    '',
    ...renderTable(
      ['endpoint', 'load', '', `${first} ÷ ${second}`, '95 % interval', 'verdict'],
      rows,
    ),
    '</details>',
    '',
  ];
}

function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const toLine = (cells: readonly string[]) => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  return [toLine(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(toLine), ''];
}

/** Text that Markdown takes as nothing but text, on one line: no markup, HTML, mentions or links. */
function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]<>#|~!&]/g, '\\$&')
    .replace(/@/g, '&#64;');
}
