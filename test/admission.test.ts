import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { summarizeAdmission } from '../loadtest/analysis/admission-summary.ts';
import {
  type AdmissionOptions,
  addAdmissionOptions,
  toAdmissionSettings,
} from '../loadtest/commands/admission.ts';
import { readReportAssets } from '../loadtest/commands/report-assets.ts';
import {
  createAdmissionPlan,
  defaultAdmissionSettings,
} from '../loadtest/experiments/admission-plan.ts';
import { resolveStreams } from '../loadtest/experiments/resolve-streams.ts';
import { describeAdmission } from '../loadtest/report/admission-headline.ts';
import { renderAdmission } from '../loadtest/report/admission-table.ts';
import { renderReportHtml } from '../loadtest/report/html/render-report.ts';
import { analyzeForReport } from '../loadtest/report/report-analysis.ts';
import { type LabResult, labResultSchema } from '../loadtest/result/result.ts';
import { createQueueSample } from './helpers/telemetry-samples.ts';
import { createPlannedResult } from './helpers/virtual-users-result.ts';

const settings = { ...defaultAdmissionSettings, clients: [10, 50], measureMs: 2000 };

/**
 * 80 newcomers are answered, after 1 s and 1.5 s in turns inline and after 2 ms and 4 ms with the pool; inline with 50
 * clients 40 more never are.
 */
function createExample(): LabResult {
  return createPlannedResult(
    'admission',
    createAdmissionPlan(settings, 1),
    ({ target, offeredLoad }) => {
      const isInline = target === 'inline';
      const tookMs = isInline ? [1000, 1500] : [2, 4];
      const answered = Array.from({ length: 80 }, (_, index) => ({
        atMs: 20 * index,
        tookMs: tookMs[index % 2] ?? 0,
        connectedMs: 0.2,
      }));
      const lost = answered
        .slice(0, 40)
        .map(({ atMs, connectedMs }) => ({ atMs, connectedMs, unansweredAgeMs: 3000 }));
      const newcomers = isInline && offeredLoad === 50 ? [...answered, ...lost] : answered;
      const calls = [
        { atMs: 0, tookMs: 20 },
        { atMs: 1000, tookMs: 20 },
      ];
      const refused = { atMs: 1, failed: '503 QUEUE_FULL', tookMs: 1 };
      const compute = isInline ? calls : [...calls, refused];
      const telemetry = isInline
        ? [
            createQueueSample(-50, 99),
            createQueueSample(50, 3),
            createQueueSample(950, 2),
            createQueueSample(1050, 12),
            createQueueSample(2050, 99),
          ]
        : [createQueueSample(50, null)];
      return { requests: { newcomers, compute }, telemetry };
    },
  );
}

test('admission plan: newcomers by a schedule, busy clients in the background, both modes in turns', () => {
  const plan = createAdmissionPlan(settings, 1);
  assert.deepEqual(
    plan.runs.map(({ id, warmupMs, measureMs, drainMs }) => [id, warmupMs, measureMs, drainMs]),
    [
      ['inline 10 1', 1000, 2000, 2000],
      ['pool 10 1', 1000, 2000, 2000],
      ['pool 50 1', 1000, 2000, 2000],
      ['inline 50 1', 1000, 2000, 2000],
    ],
  );
  const streams = resolveStreams(plan, { offeredLoad: 50, repetition: 1 }, 10);
  assert.deepEqual(
    streams.map(({ name, path, connection, schedule }) => ({
      name,
      path,
      connection,
      kind: schedule.kind,
    })),
    [
      { name: 'newcomers', path: '/health', connection: { kind: 'new' }, kind: 'constant' },
      {
        name: 'compute',
        path: '/compute',
        connection: { kind: 'on-demand' },
        kind: 'virtual-users',
      },
    ],
  );
  const [newcomers, compute] = streams.map(({ schedule }) => schedule);
  assert.ok(newcomers?.kind === 'constant' && compute?.kind === 'virtual-users');
  assert.equal(newcomers.arrivalRatePerSec, 20);
  assert.equal(compute.users, 50);
  assert.equal(compute.isBackground, true);
  assert.ok(compute.thinkTimeMs > 0);
});

test('admission options: command line: the settings, or a clear refusal', () => {
  const parse = (...args: string[]) => {
    const command = addAdmissionOptions(new Command())
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .parse(args, { from: 'user' });
    return toAdmissionSettings(command.opts<AdmissionOptions>());
  };
  assert.deepEqual(parse(), defaultAdmissionSettings);
  const given = parse('--clients', '9,3', '--rate', '5', '--duration', '1', '--threads', '2');
  assert.deepEqual(given, {
    mode: 'both',
    clients: [3, 9],
    newcomersPerSec: 5,
    measureMs: 1000,
    targetSettings: { POOL_THREADS: '2' },
  });
  assert.throws(() => parse('--clients', '0'), /must be a number from 1 to 1000/);
  assert.throws(() => parse('--rate', '201'), /must be a number from 1 to 200/);
});

test('admission summary: known answers: lower bounds only where somebody was given up', () => {
  const summaries = summarizeAdmission(createExample());
  assert.deepEqual(
    summaries.map(({ target, clients, newcomers, neverAnswered }) => [
      target,
      clients,
      newcomers,
      neverAnswered,
    ]),
    [
      ['inline', 10, 80, 0],
      ['pool', 10, 80, 0],
      ['inline', 50, 120, 40],
      ['pool', 50, 80, 0],
    ],
  );
  const bounds = summaries.map(({ firstByte }) => [
    firstByte?.p50?.isLowerBound,
    firstByte?.p95?.isLowerBound,
  ]);
  assert.deepEqual(bounds, [
    [false, false],
    [false, false],
    // Half of them were answered before anybody was given up.
    [false, true],
    [false, false],
  ]);
  assert.deepEqual(
    summaries.map(({ acceptQueueBySecond }) => acceptQueueBySecond),
    [
      [3, 12],
      [null, null],
      [3, 12],
      [null, null],
    ],
  );
});

test('admission table: known answers: newcomers, queue over time and busy clients', () => {
  const lines = renderAdmission(createExample()).split('\n');
  assert.deepEqual(lines.slice(0, 21), [
    'With 50 busy clients the first byte on a new connection takes 1.50 s with inline, 2.00 ms with pool (p50).',
    'Never answered: 40 of 120 with inline, 0 of 80 with pool.',
    '',
    'clients  mode    newcomers  connected p50     p95  first byte p50       p95  never answered  deepest accept queue  errors',
    '     10  inline         80         200 µs  200 µs          1.00 s    1.50 s               0                    12  none',
    '     10  pool           80         200 µs  200 µs         2.00 ms   4.00 ms               0                     –  none',
    '     50  inline        120         200 µs  200 µs          1.50 s  ≥ 3.00 s              40                    12  none',
    '     50  pool           80         200 µs  200 µs         2.00 ms   4.00 ms               0                     –  none',
    '',
    'Connections in the accept queue, the most in each second',
    'clients  mode    1 s  2 s',
    '     10  inline    3   12',
    '     10  pool      –    –',
    '     50  inline    3   12',
    '     50  pool      –    –',
    '',
    'What the busy clients got',
    'clients  mode    computed/s  unanswered  errors',
    '     10  inline         1.0           0  none',
    '     10  pool           1.0           0  1 503 QUEUE_FULL',
    '     50  inline         1.0           0  none',
  ]);
  const text = lines.join('\n');
  // The example's libuv, and 50 calls of 10 ms a turn.
  assert.match(
    text,
    /one connection per turn of the event loop since 1\.45 .*; here it is 1\.46\.0/,
  );
  assert.match(text, /50 × 10\.0 ms leave room for 2\.0 a second/);
  assert.match(text, /and the 2 s after it, in which the busy clients go on/);
});

test('admission headline: nothing measured: says so', () => {
  assert.equal(
    describeAdmission({ ...createExample(), runs: [] }).sentence,
    'Nothing was measured.',
  );
});

test('report.html: admission: both ways of sending, each said of its own requests, and the accept queue', () => {
  const result = labResultSchema.parse(createExample());
  const page = renderReportHtml(result, readReportAssets(), {
    ...analyzeForReport(result),
    headline: describeAdmission(result),
  });
  assert.match(page, /How long do newcomers wait\?/);
  assert.match(
    page,
    /GET\s\/health, new: requests leave by a schedule that does not wait for answers/,
  );
  assert.match(page, /GET\s\/compute, on demand: a closed loop\. Each virtual user/);
  assert.match(page, /id="server-accept-queue"/);
  const text = page.replaceAll(/<script.*?<\/script>/gs, '');
  assert.doesNotMatch(text, /Load 1 is|NaN|undefined|Infinity/);
});
