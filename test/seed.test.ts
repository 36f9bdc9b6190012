import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { originalTests } from '../loadtest/analysis/original-experiment.ts';
import { readReportAssets } from '../loadtest/commands/report-assets.ts';
import {
  addSeedOptions,
  type SeedOptions,
  toSeedSettings,
} from '../loadtest/commands/seed-options.ts';
import { createSeedPlan, defaultSeedSettings } from '../loadtest/experiments/seed-plan.ts';
import { renderContrast } from '../loadtest/report/contrast-table.ts';
import { renderReportHtml } from '../loadtest/report/html/render-report.ts';
import { describeSeed } from '../loadtest/report/original-headline.ts';
import { renderOriginalTable } from '../loadtest/report/original-table.ts';
import { analyzeForReport } from '../loadtest/report/report-analysis.ts';
import { type LabResult, labResultSchema } from '../loadtest/result/result.ts';
import { createReportExample } from './helpers/report-example-result.ts';
import { createPlannedResult, type MadeUpRun } from './helpers/virtual-users-result.ts';

const second = 1000;
const settings = {
  ...defaultSeedSettings,
  virtualUsers: [300, 1000],
  measureMs: 2 * second,
};

/** Inline refuses one of four with 300 virtual users; everything else goes well. */
function createExample(invalidReasons: MadeUpRun['invalidReasons'] = []): LabResult {
  return createPlannedResult('seed', createSeedPlan(settings), ({ target, offeredLoad }) => {
    const isFailing = target === 'inline' && offeredLoad === 300;
    const good = [0, 1, 1001].map((atMs, index) => ({ atMs, tookMs: 4 + 4 * index }));
    const last = { atMs: 1002, ...(isFailing ? { failed: 'refused' } : { tookMs: 16 }) };
    return { requests: { users: [...good, last] }, ...(isFailing && { invalidReasons }) };
  });
}

function parse(...args: string[]) {
  const command = addSeedOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .parse(args, { from: 'user' });
  return toSeedSettings(command.opts<SeedOptions>());
}

test('seed plan: defaults: the three tests of the original on both modes, in turns, from the first moment', () => {
  const { runs, streams, loadUnit, targets } = createSeedPlan(defaultSeedSettings);
  assert.deepEqual(
    runs.map(({ id, offeredLoad, warmupMs, measureMs }) => [id, offeredLoad, warmupMs, measureMs]),
    [
      ['inline 50 1', 50, 0, 30_000],
      ['pool 50 1', 50, 0, 30_000],
      ['pool 100 1', 100, 0, 30_000],
      ['inline 100 1', 100, 0, 30_000],
      ['inline 300 1', 300, 0, 30_000],
      ['pool 300 1', 300, 0, 30_000],
    ],
  );
  assert.deepEqual(
    runs.map(({ offeredLoad }) => offeredLoad).filter((_, index) => index % 2 === 0),
    originalTests.map(({ virtualUsers }) => virtualUsers),
  );
  assert.equal(loadUnit, 'virtual users');
  assert.deepEqual(
    targets.map(({ settings }) => settings),
    [{ COMPUTE_MODE: 'inline' }, { COMPUTE_MODE: 'pool' }],
  );
  assert.deepEqual(
    streams.map(({ method, path, connection, arrivalRate }) => [
      method,
      path,
      connection,
      arrivalRate,
    ]),
    [[...['GET', '/users'], { kind: 'on-demand' }, { kind: 'virtual-users', thinkTimeMs: 1000 }]],
  );
});

test('seed plan: one mode: that alone, also for the calibration', () => {
  const plan = createSeedPlan({ ...settings, mode: 'inline' });
  assert.deepEqual(
    plan.runs.map(({ id }) => id),
    ['inline 300 1', 'inline 1000 1'],
  );
  assert.equal(plan.calibration.target, 'inline');
});

test('seed plan: more requests than a run holds: refused in one line', () => {
  assert.throws(
    () => createSeedPlan({ ...settings, virtualUsers: [50, 20_000], measureMs: 600 * second }),
    /^LabError: 20000 virtual users come to 12000000 requests in 600 s, and a run holds 2000000: .*$/,
  );
});

test('seed options: command line: the settings, or a clear refusal', () => {
  assert.deepEqual(parse(), defaultSeedSettings);
  assert.deepEqual(parse('--beyond').virtualUsers, [50, 100, 300, 1000, 5000, 10_000]);
  assert.deepEqual(parse('--vus', '5000,50', '--beyond').virtualUsers, [50, 1000, 5000, 10_000]);
  const given = parse('--vus', '9,3', '--mode', 'pool', '--duration', '2', '--env', 'BACKLOG=5');
  assert.deepEqual(given, {
    mode: 'pool',
    virtualUsers: [3, 9],
    measureMs: 2000,
    targetSettings: { BACKLOG: '5' },
  });
  assert.throws(() => parse('--vus', '0'), /must be a number from 1 to 20000/);
  assert.throws(() => parse('--vus', '1.5'), /must be a whole number/);
  assert.throws(() => parse('--mode', 'all'), /must be inline, pool or both/);
  assert.throws(() => parse('--generator', 'wrk'), /Allowed choices are auto, k6, lab/);
});

test('original table: known answers: the original beside ours, failures by kind', () => {
  const lines = renderOriginalTable(createExample()).split('\n');
  assert.deepEqual(lines.slice(0, 10), [
    'inline: 1 of 4 requests failed with 300 virtual users. pool: no request failed with up to 1,000 virtual users.',
    'In the original experiment 95 of 9,000 were refused with 300.',
    '',
    '  VUs            requests  failed  req/s      avg       p95  failures',
    '  300  original     9,000      95  296.8  7.45 ms  15.15 ms  refused',
    '       inline           4       1    2.0  8.00 ms   12.0 ms  1 refused',
    '       pool             4       0    2.0  10.0 ms   16.0 ms',
    '',
    '1,000  inline           4       0    2.0  10.0 ms   16.0 ms',
    '       pool             4       0    2.0  10.0 ms   16.0 ms',
  ]);
  const text = lines.join('\n');
  assert.match(text, /A test lasts 2 s; the original's lasted 30 s\./);
  assert.match(text, /\nValid: the load generator kept up with its virtual users/);
});

test('original headline: nothing failed: one sentence for all, and good', () => {
  const { plan } = createExample();
  const result = createPlannedResult('seed', plan, () => ({
    requests: { users: [{ atMs: 0, tookMs: 2 }] },
  }));
  assert.deepEqual(describeSeed(result), {
    sentence: 'None of 4 requests failed, with up to 1,000 virtual users (inline and pool).',
    details: ['In the original experiment 95 of 9,000 were refused with 300.'],
    tone: 'good',
  });
  assert.equal(describeSeed({ ...result, runs: [] }).sentence, 'Nothing was measured.');
});

test('original table: never answered: counted as failed', () => {
  const plan = createSeedPlan({ ...settings, mode: 'pool', virtualUsers: [7] });
  const result = createPlannedResult('seed', plan, () => ({
    requests: { users: [{ atMs: 0, unansweredAgeMs: 5000 }] },
  }));
  assert.match(
    renderOriginalTable(result),
    /^ {2}7 {2}pool +1 +1 +0\.5 +5\.00 s +5\.00 s {2}1 unanswered$/m,
  );
});

test('validity: virtual users, the generator late or busy: times are worthless, counts hold', () => {
  const late = { code: 'GENERATOR_LATE' as const, value: 25, limit: 10 };
  const busy = { code: 'GENERATOR_BUSY' as const, value: 0.93, limit: 0.8 };
  assert.match(
    renderOriginalTable(createExample([late, busy])),
    /\nINVALID: how many requests were sent and how many failed holds, but do not use the times, because\n {2}inline 300 1: the load generator sent late, p99 25\.0 ms \(at most 10\.0 ms\)\n {2}inline 300 1: the load generator was 93\.0 % busy/,
  );
  const ownFault = { code: 'GENERATOR_ERROR' as const, value: 3, limit: 0, detail: 'EMFILE' };
  const text = renderOriginalTable(createExample([late, ownFault]));
  assert.match(text, /\nINVALID: do not use these figures, because\n/);
});

test('contrast table: virtual users: its lines are of a closed loop', () => {
  const result = createExample();
  const text = renderContrast(result, analyzeForReport(result));
  assert.match(
    text,
    /^A closed loop: .* Response times count from when a user was ready to send\.$/m,
  );
  assert.match(text, /^Load: virtual users, each with a connection of its own\.$/m);
  assert.doesNotMatch(text, /Load: what \/compute is asked for|meant to leave/);
});

test('report.html: virtual users: a closed loop, nothing of schedules or compute load', () => {
  const result = labResultSchema.parse(createExample());
  const page = renderReportHtml(result, readReportAssets(), {
    ...analyzeForReport(result),
    headline: describeSeed(result),
  });
  assert.match(page, /Beside the original/);
  assert.match(page, /A closed loop\. Each virtual user sends, waits for the answer/);
  assert.match(page, /One connection for each virtual user, opened by its first request and kept/);
  assert.match(page, /1 × 2\u00a0s at 300, 1 × 2\u00a0s at 1000; 0\u00a0s of warm-up/);
  assert.match(page, /how many requests were sent and how many failed holds/);
  const text = page.replaceAll(/<script.*?<\/script>/gs, '');
  assert.doesNotMatch(text, /schedule that does not wait|[Cc]ompute load|Load 1 is|NaN|undefined/);
});

test('report.html: an open model: nothing of virtual users', () => {
  const result = createReportExample();
  const page = renderReportHtml(result, readReportAssets(), analyzeForReport(result));
  assert.match(page, /<li>Requests leave by a schedule that does not wait/);
  assert.doesNotMatch(page, /virtual user|closed loop|Beside the original/);
});

test("original table: sent by k6: says so, and nothing of the lab's own connections", () => {
  const byLab = renderOriginalTable(createExample());
  assert.match(byLab, /which k6 leaves out/);
  const byK6 = renderOriginalTable({
    ...createExample(),
    generator: { tool: 'k6', version: '2.2.0' },
  });
  assert.match(byK6, /Sent by k6 2\.2\.0; times are its http_req_duration\./);
  assert.doesNotMatch(byK6, /which k6 leaves out/);
});
