import { LabError } from '../lab-error.ts';

const timeMetrics = ['p50', 'p95', 'p99', 'max'] as const;
const countMetrics = ['errors', 'unanswered'] as const;
const rateMetrics = ['throughput', 'knee'] as const;
const growthMetric = 'growth';
const metrics = [...timeMetrics, ...rateMetrics, growthMetric, ...countMetrics] as const;

/**
 * A figure of a stream. Times are response times, and take a steady state; `growth` is by how much they grow for each
 * second of load; `errors` counts failures of every kind, timeouts too; `knee` is the highest rate that was carried,
 * which only a search for it finds.
 */
export type Metric = (typeof metrics)[number];

/** Those that are times. */
export type TimeMetric = (typeof timeMetrics)[number];

/** How a figure is to compare with a limit. */
export type Operator = '<' | '<=' | '>' | '>=';

/** A condition on a result, as `--assert` takes it. */
export interface Assertion {
  /** As it was written. */
  readonly text: string;
  readonly stream: string;
  readonly metric: Metric;
  readonly target: string;
  /** Given: the condition is on the ratio of `target`'s figure to this one's. */
  readonly dividedBy: string | undefined;
  /** Undefined: the highest that was measured, for times the highest at which the targets have a steady state. */
  readonly offeredLoad: number | undefined;
  readonly operator: Operator;
  /** In milliseconds, ms per second, per second, as a count or as a ratio, by the metric. */
  readonly limit: number;
}

const msPerUnit = new Map([
  ['us', 0.001],
  ['µs', 0.001],
  ['ms', 1],
  ['s', 1000],
]);

/** What {@link parseAssertion} takes, in one line. */
export const assertionGrammar =
  `<stream>.<${metrics.join('|')}>.<target>[/<target>][@<load>] <|<=|>|>= <number>[unit], ` +
  "as in 'users.p95.pool < 50ms', 'compute.errors.pool@0.9 <= 0', 'users.p95.inline/pool > 3', 'users.growth.pool < 50ms/s' or 'compute.knee.pool > 100/s'";

const pattern =
  /^(?<stream>[^\s./@]+)\.(?<metric>[^\s./@]+)\.(?<target>[^\s./@]+)(?:\/(?<dividedBy>[^\s./@]+))?(?:@(?<load>\d+(?:\.\d+)?))?\s*(?<operator><=|>=|<|>)\s*(?<number>\d+(?:\.\d+)?)\s*(?<unit>\S*)$/u;

/** Reads a condition. Throws a {@link LabError} of one line that says what is wrong and what is allowed. */
export function parseAssertion(text: string): Assertion {
  const parts = pattern.exec(text.trim())?.groups;
  if (parts === undefined) throw refuse(text, `allowed is ${assertionGrammar}`);
  const { stream = '', metric = '', target = '', dividedBy, load, operator, number, unit } = parts;
  if (!isMetric(metric)) throw refuse(text, `${metric} is none of ${metrics.join(', ')}`);
  return {
    text: text.trim(),
    stream,
    metric,
    target,
    dividedBy,
    offeredLoad: load === undefined ? undefined : Number(load),
    operator: operator as Operator,
    limit: Number(number) * readUnit(text, metric, dividedBy !== undefined, unit ?? ''),
  };
}

/** Whether a metric is a time. */
export function isTime(metric: Metric): metric is TimeMetric {
  return timeMetrics.some((time) => time === metric);
}

/** Whether a metric counts per second. */
export function isRate(metric: Metric): metric is (typeof rateMetrics)[number] {
  return rateMetrics.some((rate) => rate === metric);
}

/** What one of the given unit is in the unit that figures are compared in. */
function readUnit(text: string, metric: Metric, isRatio: boolean, unit: string): number {
  if (isRatio) {
    if (unit === '' || unit === 'x' || unit === '×') return 1;
    throw refuse(text, `a ratio has no unit, not ${unit}`);
  }
  if (isTime(metric)) {
    const factor = msPerUnit.get(unit);
    if (factor !== undefined) return factor;
    const given = unit === '' ? 'it has none' : `not ${unit}`;
    throw refuse(text, `the unit of ${metric} is one of us, ms, s; ${given}`);
  }
  if (metric === growthMetric) {
    if (unit === 'ms/s') return 1;
    throw refuse(text, `the unit of growth is ms/s; not ${unit === '' ? 'none' : unit}`);
  }
  if (unit === '' || (isRate(metric) && unit === '/s')) return 1;
  const allowed = isRate(metric) ? 'is /s or none' : 'is none, it is a count';
  throw refuse(text, `the unit of ${metric} ${allowed}; not ${unit}`);
}

function isMetric(text: string): text is Metric {
  return metrics.some((metric) => metric === text);
}

function refuse(text: string, why: string): LabError {
  return new LabError(`bad condition '${text}': ${why}`, 2);
}
