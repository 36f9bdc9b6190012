import { type LevelSummary, type StreamLevel, summarizeLevels } from '../analysis/levels.ts';
import type { ContrastVerdict } from '../analysis/verdict.ts';
import type { LoadUnit } from '../result/experiment-plan.ts';
import type { LabResult } from '../result/result.ts';
import { nameOutcome, renderEstimate } from './comparison-text.ts';
import { renderStreamTimes, renderTroubles } from './contrast-table.ts';
import type { CheckedAssertion, ReportAnalysis } from './headline.ts';
import { renderGrowth } from './headline-lines.ts';
import { nameLoad } from './load-name.ts';
import { nameStream } from './timing-lines.ts';
import { describeTrust } from './trust-lines.ts';
import { renderRatio } from './units.ts';

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
    ...headline.details.flatMap((detail) => [escapeMarkdown(detail), '']),
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
    ...(trust?.items ?? []).map((line) => `- ${escapeMarkdown(line)}`),
    '',
  ];
}

function renderAssertions(assertions: readonly CheckedAssertion[]): string[] {
  if (assertions.length === 0) return [];
  const words = {
    holds: '✅ holds',
    fails: '❌ fails',
    'cannot be judged': '❔ cannot be judged',
  };
  const rows = assertions.map(({ text, outcome, actual }) => [text, actual, words[outcome]]);
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
  if (rows.length === 0) return [];
  return renderTable(['endpoint', 'load', 'target', 'p50', 'p95', 'p99', 'growth', 'failed'], rows);
}

function toRow(
  { target, offeredLoad }: LevelSummary,
  stream: StreamLevel,
  unit: LoadUnit,
): string[] {
  return [
    nameStream(stream),
    nameLoad(offeredLoad, unit),
    target,
    ...renderStreamTimes(stream),
    renderGrowth(stream.connection.kind === 'new' ? undefined : stream.trend?.growthMsPerSec),
    renderTroubles([stream]),
  ];
}

function renderRatios({ plan }: LabResult, verdict: ContrastVerdict | undefined): string[] {
  if (verdict === undefined) return [];
  const { first, second, comparisons } = verdict;
  const titles = new Map(plan.streams.map((stream) => [stream.name, nameStream(stream)]));
  const rows = comparisons.map((comparison) => {
    const { value, interval } = renderEstimate(comparison.ratio);
    return [
      titles.get(comparison.stream) ?? comparison.stream,
      nameLoad(comparison.offeredLoad, plan.loadUnit),
      `p${comparison.percentile}`,
      value,
      interval,
      renderRatio(comparison.sendRatio?.value),
      nameOutcome(verdict, comparison),
    ];
  });
  return [
    '<details><summary>Ratios with 95 % confidence intervals</summary>',
    '',
    ...renderTable(
      ['endpoint', 'load', '', `${first} ÷ ${second}`, '95 % interval', 'from the send', 'verdict'],
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
