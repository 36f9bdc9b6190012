/** What the lab plans for k6, asks of it, and makes of its results. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { compareResults } from '../loadtest/analysis/compare-results.ts';
import {
  addK6Commands,
  toBaselineSettings,
  toMixedSettings,
} from '../loadtest/commands/k6-options.ts';
import { toK6Environment } from '../loadtest/experiments/k6/invocation.ts';
import {
  createBaselinePlan,
  createMixedPlan,
  defaultBaselineSettings,
  defaultMixedSettings,
} from '../loadtest/experiments/k6/k6-plan.ts';
import { resolveStreams } from '../loadtest/experiments/resolve-streams.ts';
import { renderContrast } from '../loadtest/report/contrast-table.ts';
import { renderMethod } from '../loadtest/report/html/method-section.ts';
import { viewResult } from '../loadtest/report/html/report-view.ts';
import { renderJunit } from '../loadtest/report/junit.ts';
import { renderK6Baseline } from '../loadtest/report/k6-baseline-table.ts';
import { analyzeForReport } from '../loadtest/report/report-analysis.ts';
import { renderVirtualUsersTable } from '../loadtest/report/seed-table.ts';
import { createHistogram, encodeHistogram } from '../loadtest/result/histogram.ts';
import { type LabResult, parseResult } from '../loadtest/result/result.ts';
import { createExampleBaseline } from './helpers/k6-example-result.ts';
import { createExampleResult } from './helpers/lab-example-result.ts';

function createExampleMixed(): LabResult {
  const result = createExampleResult();
  return { ...result, experiment: 'k6 mixed', generator: { tool: 'k6', version: '2.2.0' } };
}

const nothing = encodeHistogram(createHistogram());
const files = { config: 'c', samples: 's', summary: 'j', dashboard: 'h' };

test('k6 baseline plan: the loads of the original experiment, each mode in turn', () => {
  const plan = createBaselinePlan(defaultBaselineSettings);
  assert.deepEqual(
    plan.runs.map(({ target, offeredLoad }) => `${target} ${offeredLoad}`),
    ['inline 50', 'pool 50', 'pool 100', 'inline 100', 'inline 300', 'pool 300'],
  );
  assert.equal(plan.loadUnit, 'virtual users');
  const [run] = plan.runs;
  assert.ok(run);
  assert.deepEqual([run.warmupMs, run.measureMs], [0, 30_000]);
  const [stream, ...others] = resolveStreams(plan, run, 7);
  assert.deepEqual(others, []);
  assert.deepEqual(stream?.schedule, { kind: 'virtual-users', users: 50, thinkTimeMs: 1000 });
});

test('k6 mixed plan: one mode: it alone is run and calibrated', () => {
  const plan = createMixedPlan({ ...defaultMixedSettings, mode: 'inline', levels: [0, 0.5] });
  assert.deepEqual(
    plan.targets.map(({ name }) => name),
    ['inline'],
  );
  assert.equal(plan.calibration.target, 'inline');
  assert.deepEqual(
    plan.runs.map(({ target, offeredLoad }) => `${target} ${offeredLoad}`),
    ['inline 0', 'inline 0.5', 'inline 0', 'inline 0.5', 'inline 0', 'inline 0.5'],
  );
  assert.ok(plan.streams.every(({ arrivals }) => arrivals === 'constant'));
});

test('k6 environment: the plan as k6 gets it, and no host but this one', () => {
  const rates = { usersPerSec: 200, newcomersPerSec: 30, createPerSec: 20, healthPerSec: 10 };
  const times = { warmupMs: 1000, measureMs: 10_000 };
  const plan = createMixedPlan({
    ...defaultMixedSettings,
    ...rates,
    ...times,
    levels: [0, 0.5, 1.2],
  });
  const [idle, half, over] = [0, 0.5, 1.2].map((load) => {
    const run = plan.runs.find(({ offeredLoad }) => offeredLoad === load);
    assert.ok(run);
    const choice = { script: 'mixed', usersP99LimitMs: 20, maxVirtualUsers: 1000 } as const;
    return toK6Environment(choice, files, run, resolveStreams(plan, run, 10), 4711);
  });
  assert.equal(half?.BASE_URL, 'http://127.0.0.1:4711');
  assert.deepEqual(
    ['USERS', 'NEWCOMERS', 'CREATE', 'HEALTH', 'COMPUTE'].map((name) => half[`${name}_RATE`]),
    ['200', '30', '20', '10', '50'],
  );
  assert.equal(idle?.COMPUTE_RATE, '0');
  assert.deepEqual(
    [half.WARMUP, half.DURATION, half.REQUEST_TIMEOUT],
    ['1000ms', '10000ms', '30000ms'],
  );
  assert.deepEqual([half.USERS_P99, half.HEALTH_P99], ['20', 'none']);
  // As long as a server at that load may fall behind: 1 s, and 0.4 of 11 s, of which 1000 users afford less.
  assert.deepEqual([half.LONGEST_ANSWER, over?.LONGEST_ANSWER], ['1000.000ms', '2631.579ms']);
  assert.equal(half.K6_NO_USAGE_REPORT, 'true');
  assert.equal(half.K6_AUTO_EXTENSION_RESOLUTION, 'false');
  assert.equal(half.K6_WEB_DASHBOARD_HOST, '127.0.0.1');
});

test('k6 options: command line: the settings get them, or a clear refusal', async () => {
  const parse = async (...args: string[]) => {
    const seen: unknown[] = [];
    const k6 = new Command('k6').exitOverride().configureOutput({ writeErr: () => {} });
    addK6Commands(k6, {
      baseline: async (options) => void seen.push(toBaselineSettings(options)),
      mixed: async (options) => void seen.push(toMixedSettings(options)),
    });
    for (const command of k6.commands)
      command.exitOverride().configureOutput({ writeErr: () => {} });
    await k6.parseAsync(args, { from: 'user' });
    return seen[0];
  };
  assert.deepEqual(await parse('baseline'), defaultBaselineSettings);
  assert.deepEqual(await parse('mixed'), defaultMixedSettings);
  assert.deepEqual(await parse('baseline', '--vus', '100,5', '--mode', 'pool', '--duration', '2'), {
    ...defaultBaselineSettings,
    mode: 'pool',
    levels: [5, 100],
    measureMs: 2000,
  });
  assert.deepEqual(
    await parse('mixed', '--load', '0.9,0', '--threads', '3', '--slo', '20', '--rate-users', '50'),
    {
      ...defaultMixedSettings,
      levels: [0, 0.9],
      usersPerSec: 50,
      sloP99Ms: 20,
      targetSettings: { POOL_THREADS: '3' },
    },
  );
  await assert.rejects(parse('baseline', '--vus', '0'), /must be a number from 1 to 5000/);
  await assert.rejects(parse('baseline', '--vus', '1.5'), /must be a whole number/);
  await assert.rejects(parse('mixed', '--mode', 'all'), /must be inline, pool or both/);
  await assert.rejects(parse('mixed', '--vus', '5'), /unknown option/);
  await assert.rejects(parse('baseline', '--load', '5'), /unknown option/);
});

test('virtual users table: the columns of the original write-up', () => {
  assert.deepEqual(renderVirtualUsersTable(createExampleBaseline()), [
    'target  VUs  duration  requests  failed  req/s      avg      p95  result',
    'inline   50       2 s       300       0   50.0  10.0 ms  10.0 ms  pass',
    'inline  300       2 s      1800       9  300.0  10.0 ms  10.0 ms  errors',
    '',
    'pool     50       2 s       300       0   50.0  5.00 ms  5.00 ms  pass',
    'pool    300       2 s      1800       0  300.0  5.00 ms  5.00 ms  pass',
  ]);
});

test('virtual users table: nothing answered: no times, and errors', () => {
  const result = createExampleBaseline('inline');
  const [run] = result.runs;
  assert.ok(run);
  const streams = run.streams.map((stream) => ({
    ...stream,
    blocks: stream.blocks.map((block) => ({
      ...block,
      sendToEndUs: nothing,
      errors: { refused: block.sent },
    })),
  }));
  const [, row] = renderVirtualUsersTable({ ...result, runs: [{ ...run, streams }] });
  assert.match(row ?? '', /^inline +50 +2 s +100 +100 +50\.0 +– +– +errors$/);
});

test('k6 baseline text: one mode: the table alone, and no word of a comparison', () => {
  const result = createExampleBaseline('inline');
  const text = renderK6Baseline(result, analyzeForReport(result));
  assert.match(text, /^Request durations as k6 counts them/);
  assert.doesNotMatch(text, /÷|compare/);
});

test('k6 results: saved and read again, compared, and as JUnit: as any other', () => {
  for (const result of [createExampleBaseline(), createExampleMixed()]) {
    const again = parseResult(JSON.parse(JSON.stringify(result)));
    assert.deepEqual(again, JSON.parse(JSON.stringify(result)));
    const { cells } = compareResults(result, again);
    assert.ok(cells.length > 0);
    assert.match(renderJunit(result, analyzeForReport(result), []), /run inline .* can be trusted/);
  }
});

test('method text: what is said of k6 is true of k6', () => {
  const mixed = renderMethod(viewResult(createExampleMixed())).markup;
  assert.match(mixed, /blocked \+ duration/);
  assert.match(mixed, /k6 does not tell/);
  assert.match(mixed, /Load 1 is what one thread can do/);
  const baseline = renderMethod(viewResult(createExampleBaseline())).markup;
  assert.match(baseline, /A closed loop/);
  assert.doesNotMatch(
    baseline,
    /does not wait for answers|meant to leave|Load 1 |Above load 1|to warm up/,
  );
  const own = renderMethod(viewResult(createExampleResult())).markup;
  assert.match(own, /does not wait for answers/);
  assert.doesNotMatch(own, /k6/);
  const { headline, verdict } = analyzeForReport(createExampleMixed());
  assert.match(
    renderContrast(createExampleMixed(), { headline, verdict }),
    /k6's blocked \+ duration/,
  );
});
