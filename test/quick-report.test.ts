import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import {
  findLimit,
  findQuickInvalidReasons,
  findSlowdown,
  meanServerUtilization,
} from '../loadtest/analysis/quick-summary.ts';
import {
  addQuickOptions,
  type QuickOptions,
  toQuickSettings,
} from '../loadtest/commands/quick-options.ts';
import { createQuickPlan, defaultQuickSettings } from '../loadtest/experiments/quick-plan.ts';
import { renderQuick } from '../loadtest/report/quick-table.ts';
import {
  type QuickEndpoint,
  type QuickPhase,
  type QuickResult,
  type QuickRun,
  quickResultSchema,
} from '../loadtest/result/quick-result.ts';
import type { TelemetryPoint } from '../loadtest/result/telemetry.ts';
import { exampleEnvironment } from './helpers/example-environment.ts';

function endpoint(path: string, p99Ms: number, changes: Partial<QuickEndpoint> = {}) {
  return {
    path,
    connections: 5,
    succeeded: 1000,
    throughputPerSec: 500,
    errors: {},
    unanswered: 5,
    oldestUnansweredMs: p99Ms / 2,
    serviceTime: { count: 1000, p50Ms: p99Ms / 4, p95Ms: p99Ms / 2, p99Ms, maxMs: p99Ms * 2 },
    ...changes,
  };
}

function phase(pressed: boolean, generator: number, endpoints: QuickEndpoint[]): QuickPhase {
  const eventLoopUtilization = { generator, server: pressed ? 1 : 0.7 };
  return { pressed, windowMs: 2000, eventLoopUtilization, endpoints, invalidReasons: [] };
}

function run(mode: QuickRun['mode'], pressedP99Ms: number): QuickRun {
  return {
    mode,
    server: { threads: 1, startMs: 300, stoppedGracefully: true },
    phases: [
      phase(false, 0.9, [endpoint('/users', 2), endpoint('/health', 2)]),
      phase(true, 0.1, [
        endpoint('/users', pressedP99Ms),
        endpoint('/health', pressedP99Ms),
        endpoint('/compute', 80, {
          connections: 2,
          errors: { '503': 7, reset: 1 },
          unanswered: 0,
          oldestUnansweredMs: null,
        }),
      ]),
    ],
  };
}

const result: QuickResult = {
  schemaVersion: 1,
  experiment: 'quick',
  model: 'closed',
  createdAt: '2026-01-01T00:00:00.000Z',
  environment: exampleEnvironment,
  plan: createQuickPlan(defaultQuickSettings),
  runs: [run('inline', 60), run('pool', 3)],
};

test('quick table: two modes: figures, the effect in one sentence, what limited them, what a closed loop is', () => {
  assert.doesNotThrow(() => quickResultSchema.parse(result));
  assert.equal(
    renderQuick(result),
    `mode    /compute  endpoint      connections  req/s      p50      p95      p99      max  errors          unanswered
inline  quiet     GET /users              5  500.0   500 µs  1.00 ms  2.00 ms  4.00 ms  none            5, for 1.00 ms
                  GET /health             5  500.0   500 µs  1.00 ms  2.00 ms  4.00 ms  none            5, for 1.00 ms
        pressed   GET /users              5  500.0  15.0 ms  30.0 ms  60.0 ms   120 ms  none            5, for 30.0 ms
                  GET /health             5  500.0  15.0 ms  30.0 ms  60.0 ms   120 ms  none            5, for 30.0 ms
                  GET /compute            2  500.0  20.0 ms  40.0 ms  80.0 ms   160 ms  7 503, 1 reset  0

pool    quiet     GET /users              5  500.0   500 µs  1.00 ms  2.00 ms  4.00 ms  none            5, for 1.00 ms
                  GET /health             5  500.0   500 µs  1.00 ms  2.00 ms  4.00 ms  none            5, for 1.00 ms
        pressed   GET /users              5  500.0   750 µs  1.50 ms  3.00 ms  6.00 ms  none            5, for 1.50 ms
                  GET /health             5  500.0   750 µs  1.50 ms  3.00 ms  6.00 ms  none            5, for 1.50 ms
                  GET /compute            2  500.0  20.0 ms  40.0 ms  80.0 ms   160 ms  7 503, 1 reset  0

With /compute pressed by 2 connections, p99 of GET /users is 30× as long in inline mode (2.00 ms, then 60.0 ms) and is 1.50× as long in pool mode (2.00 ms, then 3.00 ms).

event loop busy  /compute  autocannon  server  throughput limited by
inline           quiet           90 %    70 %  autocannon, not the server
inline           pressed         10 %   100 %  the server
pool             quiet           90 %    70 %  autocannon, not the server
pool             pressed         10 %   100 %  the server
Where autocannon was more than 80 % busy, the times include waiting in autocannon itself;
where it was the limit, the server could have answered more.
autocannon, the event loop and /compute shared 2 cores: busy includes waiting for one.

CLOSED LOOP: a connection waits for its answer before it asks again, so a blocked server is asked less.
The times hold only below saturation. For numbers to decide by: npm run contrast.
Connections: on demand. Each is opened by its first request, which then waits to be accepted, and is kept.
Times are those of 2xx answers. Unanswered: open when the time was up, and for how long at most.
`,
  );
});

test('quick table: an endpoint without a good answer: no ratio, no times, and not to be used', () => {
  const dead = endpoint('/users', 1, { succeeded: 0, serviceTime: null, throughputPerSec: 0 });
  const invalidReasons = findQuickInvalidReasons([dead]);
  const [quiet, pressed] = run('inline', 60).phases;
  assert.ok(quiet && pressed);
  const phases = [quiet, { ...pressed, endpoints: [dead], invalidReasons }];
  const text = renderQuick({ ...result, runs: [{ ...run('inline', 60), phases }] });
  assert.match(text, /p99 of GET \/users cannot be compared in inline mode\.$/m);
  assert.match(text, /GET \/users +5 +0\.0 +– +– +– +–/);
  assert.match(
    text,
    /^INVALID: .*because\n {2}inline, \/compute pressed: not one request of GET \/users was/m,
  );
});

test("quick: validity: no good answer, and errors that are the generator's own", () => {
  const own = endpoint('/users', 1, { errors: { EMFILE: 3, reset: 2 } });
  const refused = endpoint('/health', 1, { succeeded: 0, errors: { '503': 9 } });
  assert.deepEqual(findQuickInvalidReasons([own, refused]), [
    { code: 'GENERATOR_ERROR', value: 3, limit: 0, detail: 'EMFILE' },
    { code: 'NO_ANSWERS', value: 0, limit: 1, detail: 'GET /health' },
  ]);
  assert.deepEqual(findQuickInvalidReasons([endpoint('/users', 1)]), []);
});

test('quick: what limited the throughput: the busier event loop, if it was full', () => {
  assert.equal(findLimit({ generator: 0.95, server: 0.9 }), 'generator');
  assert.equal(findLimit({ generator: 0.9, server: 0.95 }), 'server');
  assert.equal(findLimit({ generator: 0.5, server: 0.95 }), 'server');
  assert.equal(findLimit({ generator: 0.5, server: 0.8 }), 'neither');
  assert.equal(findLimit({ generator: 0.95, server: null }), 'generator');
  assert.equal(findLimit({ generator: 0.5, server: null }), 'unknown');
});

test("quick: the server's event loop: samples of the window only, a blocked loop is a busy one", () => {
  const main = (eventLoopUtilization: number): TelemetryPoint['main'] => ({
    eventLoopDelayMs: null,
    eventLoopUtilization,
    requestsInFlight: 0,
    computeInFlight: 0,
    computeWaiting: 0,
    workers: [],
    connectionsTotal: 0,
    requestsTotal: 0,
    computeEnded: { outcomes: {}, queueWaitMaxMs: null, serviceTimeMaxMs: null },
  });
  const point = (atMs: number, utilization: number | null): TelemetryPoint => ({
    atMs,
    heartbeatAgeMs: 0,
    cpuMs: 0,
    mainThreadCpuMs: null,
    computeThreadsCpuMs: null,
    rssBytes: 0,
    acceptQueue: null,
    main: utilization === null ? null : main(utilization),
  });
  const points = [point(-100, 0), point(100, 0.5), point(200, null), point(300, 0)];
  assert.equal(meanServerUtilization(points, 200), 0.75);
  assert.equal(meanServerUtilization(points, 50), null);
});

test('quick: slowdown: pressed against quiet, by GET /users', () => {
  assert.deepEqual(findSlowdown(run('inline', 60)), {
    quietP99Ms: 2,
    pressedP99Ms: 60,
    ratio: 30,
  });
});

test('quick options: command line: the plan gets them, or a clear refusal', () => {
  const parse = (...args: string[]) => {
    const command = addQuickOptions(new Command())
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .parse(args, { from: 'user' });
    return toQuickSettings(command.opts<QuickOptions>());
  };
  assert.deepEqual(parse(), defaultQuickSettings);
  const plan = createQuickPlan(
    parse('--mode', 'pool', '--connections', '7', '--pressing', '3', '--duration', '4'),
  );
  assert.deepEqual(plan, {
    modes: ['pool'],
    connections: { users: 4, health: 3 },
    pressingConnections: 3,
    warmupMs: 200,
    measureMs: 1800,
    settings: {},
  });
  assert.deepEqual(parse('--threads', '2', '--env', 'A=1').settings, { A: '1', POOL_THREADS: '2' });
  assert.throws(() => parse('--mode', 'aa'), /must be inline, pool or both/);
  assert.throws(() => parse('--connections', '1'), /must be a number from 2/);
  assert.throws(() => parse('--duration', '0.5'), /must be a number from 1/);
  assert.throws(() => parse('--env', 'PORT=1'), /PORT is set by the lab itself/);
});
