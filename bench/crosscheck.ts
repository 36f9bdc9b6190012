// Usage: npm run bench:crosscheck
// The instrument against the truth: a stub in another process has known delays and writes down when each request
// reached it and when it answered. Shows what the generator reports beside what it must report by that trace and the
// schedule, and what a closed-loop tool makes of the same stub. The bound is the lab's promise, 2 % + 1 ms.
// Exit code 0 when every figure is inside, 1 when one is outside, 3 when that cannot be told, because the generator's own
// loop was held up, as its lag shows, for as long as the miss. Takes about half a minute of an otherwise idle machine.
import autocannon from 'autocannon';
import {
  mergeHistograms,
  type Percentiles,
  toPercentiles,
} from '../loadtest/analysis/percentiles.ts';
import { runGenerator } from '../loadtest/generator/run-generator.ts';
import { judgeSelfCheck } from '../loadtest/generator/self-check.ts';
import { pickBaseEnvironment } from '../loadtest/process/base-environment.ts';
import { type Column, renderColumns } from '../loadtest/report/columns.ts';
import type { LoadResult } from '../loadtest/result/stream-result.ts';
import {
  createStubPlan,
  expectFigures,
  expectIdeally,
  type Figures,
  findOriginMs,
  type Shape,
  toFigures,
  withStub,
} from './known-stub.ts';

const warmupMs = 500;
const measureMs = 4000;
const requests = measureMs / 5;
const connections = 10;
const names = ['p50Ms', 'p95Ms', 'p99Ms'] as const;
const exitCodes = { inside: 0, outside: 1, 'cannot tell': 3 } as const;

interface Verdict {
  readonly verdict: keyof typeof exitCodes;
  /** What was missed by how much, or why the generator is not to be trusted. */
  readonly reasons: readonly string[];
}

interface Miss {
  readonly what: string;
  readonly missMs: number;
}

const columns = ['stub', 'source', 'requests', 'p50', 'p95', 'p99'].map(
  (title, index): Column => ({ title, align: index < 2 ? 'left' : 'right' }),
);
const rows: string[][] = [];
const verdicts: (Verdict & { shape: Shape })[] = [];
for (const shape of ['constant', 'bimodal', 'stall'] as const) {
  const { plan, result, trace } = await measure(shape);
  const closed = await withStub(shape, sendClosedLoop);
  const ours = summarize(result);
  const ideal = expectIdeally(shape, plan);
  const expected = expectFigures(plan, trace);
  rows.push(
    toRow(shape, 'the delays alone', requests, ideal),
    toRow('', 'schedule and server trace', requests, expected),
    toRow('', 'our generator', ours.count, ours),
    toRow('', 'autocannon, closed loop', closed.result.length, toFigures(closed.result)),
    [],
  );
  const misses = names.flatMap((name) => [
    ...findMiss(name, ours[name] - expected[name], tolerate(expected[name])),
    // The stub is never early; otherwise its trace would not be worth comparing with.
    ...findMiss(
      `${name} of the stub`,
      Math.min(0, expected[name] - ideal[name]),
      tolerate(ideal[name]),
    ),
  ]);
  // The trace is aligned by the promptest request; a generator that is always late must not go unseen by that.
  const shiftMs = findOriginMs(trace) - (result.windowStartEpochMs - warmupMs);
  // The wall clock has whole milliseconds, and a request takes a moment to arrive.
  misses.push(...findMiss('the promptest request', shiftMs, 3));
  if (ours.count !== requests) misses.push({ what: 'requests', missMs: Number.POSITIVE_INFINITY });
  verdicts.push({ shape, ...judge(misses, result) });
}
console.log(`Response times in ms, 200 requests/s offered for ${measureMs / 1000} s.\n`);
console.log(renderColumns(columns, rows).join('\n'));
console.log('Our generator against the schedule and the trace, at most 2 % + 1 ms off:');
for (const { shape, verdict, reasons } of verdicts) {
  console.log([`${shape}: ${verdict}`, ...reasons].join(', '));
}
process.exitCode = exitCodes[worst(verdicts)];

async function measure(shape: Shape) {
  const { result, trace } = await withStub(shape, async (port) => {
    const plan = createStubPlan(port, { warmupMs, measureMs });
    const env = pickBaseEnvironment(process.env);
    return {
      plan,
      result: await runGenerator(plan, { env, signal: new AbortController().signal }),
    };
  });
  return { ...result, trace };
}

function summarize({ streams }: LoadResult): Percentiles {
  const times = streams.flatMap(({ blocks }) => blocks.map(({ responseTimeUs }) => responseTimeUs));
  const responseTime = toPercentiles(mergeHistograms(times));
  if (responseTime === undefined) throw new Error('the stub answered nothing');
  return responseTime;
}

function findMiss(what: string, offMs: number, toleratedMs: number): Miss[] {
  const missMs = Math.abs(offMs);
  return missMs <= toleratedMs ? [] : [{ what, missMs }];
}

function tolerate(ms: number): number {
  return 0.02 * ms + 1;
}

function judge(misses: readonly Miss[], { streams, selfCheck }: LoadResult): Verdict {
  const invalid = judgeSelfCheck(selfCheck).map(({ code }) => code);
  if (invalid.length > 0) return { verdict: 'cannot tell', reasons: invalid };
  if (misses.length === 0) return { verdict: 'inside', reasons: [] };
  const lags = streams.flatMap(({ blocks }) => blocks.map(({ lagUs }) => lagUs));
  const lag = toPercentiles(mergeHistograms(lags));
  // Held up once, it may be late in a tail; in a median only when that happened often.
  const excusedMs = (what: string) => (what === 'p50Ms' ? lag?.p95Ms : lag?.maxMs) ?? 0;
  const isExcused = misses.every(({ what, missMs }) => missMs <= excusedMs(what));
  return {
    verdict: isExcused ? 'cannot tell' : 'outside',
    reasons: [
      ...misses.map(({ what, missMs }) => `${what} is off by ${missMs.toFixed(2)} ms`),
      `the generator was held up for ${lag?.maxMs.toFixed(2)} ms`,
    ],
  };
}

function worst(found: readonly Verdict[]): Verdict['verdict'] {
  const has = (verdict: Verdict['verdict']) => found.some((one) => one.verdict === verdict);
  if (has('outside')) return 'outside';
  return has('cannot tell') ? 'cannot tell' : 'inside';
}

/** The same rate, over ten connections that each wait for their answer. Resolves with the times it saw, in ms. */
async function sendClosedLoop(port: number): Promise<number[]> {
  const timesMs: number[] = [];
  const startedMs = performance.now();
  const options: autocannon.Options = {
    url: `http://127.0.0.1:${port}/`,
    connections,
    overallRate: 200,
    duration: (warmupMs + measureMs) / 1000,
    // Its correction mistakes seconds for milliseconds.
    ignoreCoordinatedOmission: true,
  };
  await new Promise<void>((resolve, reject) => {
    const run = autocannon(options, (error) => (error ? reject(error) : resolve()));
    run.on('response', (_client, _status, _bytes, timeMs) => {
      if (performance.now() - startedMs >= warmupMs) timesMs.push(timeMs);
    });
  });
  return timesMs;
}

function toRow(
  shape: string,
  source: string,
  count: number,
  { p50Ms, p95Ms, p99Ms }: Figures,
): string[] {
  return [shape, source, `${count}`, ...[p50Ms, p95Ms, p99Ms].map((ms) => ms.toFixed(1))];
}
