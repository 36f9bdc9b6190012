import { findKnees } from '../analysis/knee.ts';
import { isRepeatable } from '../analysis/validity.ts';
import type { LabResult, RunResult } from '../result/result.ts';
import type { CheckedAssertion, ReportAnalysis } from './headline.ts';
import { listReasons } from './validity-lines.ts';

/**
 * JUnit XML, for whatever shows test results: a test case for each run (can it be trusted?), one for
 * whether all of them were made, one for each search (did it come to its end?), and one for each condition of `--assert`.
 * What it comes to is on the first suite's output.
 */
export function renderJunit(
  result: LabResult,
  { headline }: Pick<ReportAnalysis, 'headline'>,
  assertions: readonly CheckedAssertion[],
): string {
  const suites = [
    {
      name: 'validity',
      cases: validityCases(result),
      output: [headline.sentence, ...headline.details],
    },
    { name: 'assertions', cases: assertions.map(toCase), output: [] },
  ];
  const cases = suites.flatMap(({ cases }) => cases);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="offload-lab ${result.experiment}" ${renderCounts(cases)} timestamp="${escapeXml(result.createdAt)}">`,
    ...suites.flatMap(renderSuite),
    '</testsuites>',
    '',
  ].join('\n');
}

interface TestCase {
  readonly name: string;
  /** How long the measurement behind it took. */
  readonly seconds: number;
  /** Undefined: passed. */
  readonly failure: string | undefined;
  /** Its failure does not count: what it measured was measured again. */
  readonly isRepeated: boolean;
  /** It could not be judged, which is no failure of what was measured. */
  readonly isError: boolean;
}

interface Suite {
  readonly name: string;
  readonly cases: readonly TestCase[];
  /** Lines. */
  readonly output: readonly string[];
}

function validityCases(result: LabResult): TestCase[] {
  const missing = result.plan.runs.length - result.runs.length;
  const complete: TestCase = {
    name: 'all planned runs were made',
    seconds: 0,
    isRepeated: false,
    isError: true,
    failure: result.complete
      ? undefined
      : `stopped: ${missing} of ${result.plan.runs.length} runs are missing`,
  };
  const searches = result.experiment === 'knee' ? findKnees(result).map(toSearchCase) : [];
  return [complete, ...searches, ...result.runs.map((run) => toValidityCase(result, run))];
}

function toSearchCase({ target, isSettled }: ReturnType<typeof findKnees>[number]): TestCase {
  return {
    name: `the search for the knee of ${target} came to its end`,
    seconds: 0,
    isRepeated: false,
    isError: true,
    failure: isSettled ? undefined : `what ${target} carries was not found`,
  };
}

function toValidityCase(result: LabResult, run: RunResult): TestCase {
  return {
    name: `run ${run.plan.id} can be trusted`,
    seconds: (run.plan.warmupMs + run.plan.measureMs) / 1000,
    isRepeated: isRepeated(result, run),
    isError: true,
    failure: isTrusted(result, run) ? undefined : listReasons(run).join('; '),
  };
}

/** That a target answers nothing at all is an answer to a search. */
function isTrusted({ experiment }: LabResult, run: RunResult): boolean {
  return experiment === 'knee' ? !isRepeatable(run) : run.invalidReasons.length === 0;
}

/** Whether the same target was measured at the same load again: a search does so when a run cannot be trusted. */
function isRepeated({ experiment, runs }: LabResult, run: RunResult): boolean {
  if (experiment !== 'knee') return false;
  const later = runs.slice(runs.indexOf(run) + 1);
  return later.some(
    ({ plan }) => plan.target === run.plan.target && plan.offeredLoad === run.plan.offeredLoad,
  );
}

function toCase({ text, outcome, actual }: CheckedAssertion): TestCase {
  return {
    name: text,
    seconds: 0,
    isRepeated: false,
    isError: outcome === 'cannot be judged',
    failure: outcome === 'holds' ? undefined : `${text}: ${actual}`,
  };
}

function renderSuite({ name, cases, output }: Suite): string[] {
  return [
    `  <testsuite name="${name}" ${renderCounts(cases)}>`,
    ...cases.flatMap((testCase) => renderCase(name, testCase)),
    ...(output.length === 0
      ? []
      : [`    <system-out>${escapeXml(output.join('\n'))}</system-out>`]),
    '  </testsuite>',
  ];
}

function renderCase(suite: string, testCase: TestCase): string[] {
  const { name, seconds, failure, isRepeated, isError } = testCase;
  const head = `    <testcase classname="offload-lab.${suite}" name="${escapeXml(name)}" time="${seconds.toFixed(3)}"`;
  if (failure === undefined) return [`${head}/>`];
  const text = escapeXml(failure);
  if (isRepeated) return [`${head}>`, `      <skipped message="${text}"/>`, '    </testcase>'];
  const element = isError ? 'error' : 'failure';
  return [
    `${head}>`,
    `      <${element} message="${text}">${text}</${element}>`,
    '    </testcase>',
  ];
}

function renderCounts(cases: readonly TestCase[]): string {
  const failed = cases.filter(({ failure }) => failure !== undefined);
  const skipped = failed.filter(({ isRepeated }) => isRepeated).length;
  const errors = failed.filter(({ isRepeated, isError }) => isError && !isRepeated).length;
  const seconds = cases.reduce((sum, testCase) => sum + testCase.seconds, 0);
  return `tests="${cases.length}" failures="${failed.length - skipped - errors}" errors="${errors}" skipped="${skipped}" time="${seconds.toFixed(3)}"`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // As they are, a parser would make spaces of them within an attribute.
  '\n': '&#10;',
  '\t': '&#9;',
};

/** Text for XML. What XML 1.0 cannot hold at all, escaped or not, becomes U+FFFD. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"'\n\t]/g, (character) => entities[character] ?? character);
}
