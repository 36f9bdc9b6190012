import { originalTests } from '../analysis/original-experiment.ts';
import {
  summarizeVirtualUsers,
  type VirtualUsersSummary,
} from '../analysis/virtual-users-summary.ts';
import type { LabResult } from '../result/result.ts';
import type { ReportHeadline } from './headline.ts';
import { renderCount } from './units.ts';

/** What the original experiment comes to here: how many requests failed, and with how many users that began. */
export function describeSeed(result: Pick<LabResult, 'plan' | 'runs'>): ReportHeadline {
  const summaries = summarizeVirtualUsers(result);
  if (summaries.length === 0) {
    return { sentence: 'Nothing was measured.', details: [], tone: 'neutral' };
  }
  const isWhole = summaries.every(({ failed }) => failed === 0);
  return {
    sentence: isWhole ? describeSuccess(summaries) : describeFailures(summaries).join(' '),
    details: describeOriginal(summaries),
    tone: isWhole ? 'good' : 'bad',
  };
}

function describeSuccess(summaries: readonly VirtualUsersSummary[]): string {
  const requests = summaries.reduce((sum, summary) => sum + summary.requests, 0);
  return (
    `None of ${renderCount(requests)} requests failed, with up to ${countMost(summaries)} virtual users ` +
    `(${targetsOf(summaries).join(' and ')}).`
  );
}

/** For each target, with how many users it began. */
function describeFailures(summaries: readonly VirtualUsersSummary[]): string[] {
  return targetsOf(summaries).map((target) => {
    const own = summaries.filter((summary) => summary.target === target);
    const first = own.find(({ failed }) => failed > 0);
    if (first === undefined) {
      return `${target}: no request failed with up to ${countMost(own)} virtual users.`;
    }
    const { failed, requests, virtualUsers } = first;
    return (
      `${target}: ${renderCount(failed)} of ${renderCount(requests)} requests failed ` +
      `with ${renderCount(virtualUsers)} virtual users.`
    );
  });
}

function targetsOf(summaries: readonly VirtualUsersSummary[]): string[] {
  return [...new Set(summaries.map(({ target }) => target))];
}

function countMost(summaries: readonly VirtualUsersSummary[]): string {
  return renderCount(Math.max(...summaries.map(({ virtualUsers }) => virtualUsers)));
}

/** Those of the original's tests that failed and were made again here. */
function describeOriginal(summaries: readonly VirtualUsersSummary[]): string[] {
  return originalTests
    .filter(({ failed, virtualUsers }) => failed > 0 && summaries.some(isOf(virtualUsers)))
    .map(
      ({ failed, requests, virtualUsers }) =>
        `In the original experiment ${renderCount(failed)} of ${renderCount(requests)} were refused with ${virtualUsers}.`,
    );
}

function isOf(users: number) {
  return ({ virtualUsers }: VirtualUsersSummary) => virtualUsers === users;
}
