import { isDeepStrictEqual } from 'node:util';
import type { LabResult } from '../result/result.ts';
import { isKneeTrustworthy } from './knee.ts';
import { isValid } from './validity.ts';

/** Something that differs between two results besides what they are meant to compare. */
export interface Difference {
  readonly what: string;
  readonly first: string;
  readonly second: string;
  /** True: figures differ because of this alone. False: it is good to know. */
  readonly isDecisive: boolean;
}

/** Service times further apart than this are of another task or another machine. */
const maxServiceTimeRatio = 1.2;

/** What differs in the conditions of two results; the commit is what one usually means to compare. */
export function findDifferences(first: LabResult, second: LabResult): Difference[] {
  const differences: Difference[] = [];
  const compare = (
    what: string,
    isDecisive: boolean,
    toValue: (result: LabResult) => unknown,
    toText: (result: LabResult) => string = (result) => toReadable(toValue(result)),
  ) => {
    if (isDeepStrictEqual(toValue(first), toValue(second))) return;
    differences.push({ what, first: toText(first), second: toText(second), isDecisive });
  };

  compare('Node', true, ({ environment }) => environment.nodeVersion);
  compare('CPU', true, ({ environment }) => environment.cpuModel);
  compare('usable cores', true, ({ environment }) => environment.availableParallelism);
  compare('platform', true, ({ environment }) => `${environment.platform} ${environment.arch}`);
  compare('kernel', false, ({ environment }) => environment.kernelRelease);
  compare('commit', false, ({ environment }) => environment.git?.commit.slice(0, 12) ?? 'unknown');
  compare('task', true, ({ plan }) => plan.task ?? 'the built-in sum');
  compare('target settings', false, ({ plan }) => plan.targets);
  compare(
    'streams',
    true,
    ({ plan }) => plan.streams,
    ({ plan }) => plan.streams.map(describeStream).join(', '),
  );
  compare('SLO', first.experiment === 'knee', ({ plan }) => `${plan.sloP99Ms} ms`);
  // A knee's runs follow from what it finds.
  if (first.experiment !== 'knee') {
    compare('loads', false, ({ runs }) => [...new Set(runs.map(({ plan }) => plan.offeredLoad))]);
    compare('windows', false, ({ runs }) => [...new Set(runs.map(({ plan }) => plan.measureMs))]);
  }
  differences.push(...compareServiceTimes(first, second));
  for (const result of [first, second]) differences.push(...findDefects(result, first));
  return differences;
}

function compareServiceTimes(first: LabResult, second: LabResult): Difference[] {
  const [a, b] = [first.calibration.serviceTimeMs, second.calibration.serviceTimeMs];
  if (Math.max(a, b) / Math.min(a, b) <= maxServiceTimeRatio) return [];
  return [
    {
      what: 'time one call takes',
      first: `${a.toFixed(2)} ms`,
      second: `${b.toFixed(2)} ms`,
      isDecisive: true,
    },
  ];
}

function findDefects(result: LabResult, first: LabResult): Difference[] {
  const isTrusted = result.experiment === 'knee' ? isKneeTrustworthy(result) : isValid(result);
  if (isTrusted && result.complete) return [];
  const defect = result.complete ? 'invalid' : 'incomplete';
  const [ofFirst, ofSecond] = result === first ? [defect, '–'] : ['–', defect];
  return [{ what: 'validity', first: ofFirst, second: ofSecond, isDecisive: !isTrusted }];
}

function describeStream({
  name,
  method,
  path,
  arrivalRate,
  arrivals,
}: LabResult['plan']['streams'][number]): string {
  return `${name} ${method} ${path} ${describeRate(arrivalRate)} ${arrivals}`;
}

function describeRate(rate: LabResult['plan']['streams'][number]['arrivalRate']): string {
  switch (rate.kind) {
    case 'fixed':
      return `${rate.perSec}/s`;
    case 'offered-load':
      return 'by load';
    case 'virtual-users':
      return `virtual users thinking for ${rate.thinkTimeMs} ms`;
  }
}

function toReadable(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
