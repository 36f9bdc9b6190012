/** k6 for real: its scripts by themselves, and as the lab's load generator. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { summarizeStream } from '../loadtest/analysis/summarize-stream.ts';
import { findInvalidReasons } from '../loadtest/analysis/validity.ts';
import { findK6 } from '../loadtest/experiments/k6/find-k6.ts';
import {
  type K6Choice,
  toK6Arguments,
  toK6Environment,
} from '../loadtest/experiments/k6/invocation.ts';
import { createBaselinePlan, defaultBaselineSettings } from '../loadtest/experiments/k6/k6-plan.ts';
import { toLoadResult } from '../loadtest/experiments/k6/load-result.ts';
import { runK6 } from '../loadtest/experiments/k6/run-k6.ts';
import { readK6Samples } from '../loadtest/experiments/k6/samples.ts';
import { resolveStreams } from '../loadtest/experiments/resolve-streams.ts';
import { LabError } from '../loadtest/lab-error.ts';
import { pickBaseEnvironment } from '../loadtest/process/base-environment.ts';
import { parseResult } from '../loadtest/result/result.ts';
import type { LoadResult } from '../loadtest/result/stream-result.ts';
import { listListeners, makeFakeK6, noK6, runScript } from './helpers/k6.ts';
import { makeFolder, start, startLab } from './helpers/lab-command.ts';
import { childrenOf, stubServer, waitUntilGone } from './helpers/lab-processes.ts';
import { findClosedPort, ok, serve } from './helpers/lab-servers.ts';

/** Nothing is known of the machine. */
const host = { stolenCpuRatio: null, othersCpuRatio: null, idleCpuRatio: null };

describe('k6 scripts', { concurrency: 4, skip: noK6 }, () => {
  test('k6 mixed: by itself: four kinds of requests, and a new connection for each probe', async (t) => {
    const seen = new Map<
      string,
      { requests: number; sockets: Set<Socket>; contents: Set<string> }
    >();
    const port = await serve(t, async (req, res) => {
      let body = '';
      for await (const chunk of req) body += chunk;
      const kind = `${req.method} ${req.url}`;
      const entry = seen.get(kind) ?? { requests: 0, sockets: new Set(), contents: new Set() };
      seen.set(kind, entry);
      entry.requests += 1;
      entry.sockets.add(req.socket);
      entry.contents.add(`${req.headers['content-type']} ${body}`);
      ok(res);
    });
    const { code, stdout, stderr } = await runScript(t, 'mixed', {
      BASE_URL: `http://127.0.0.1:${port}`,
      ...{ WARMUP: '500ms', DURATION: '500ms', LONGEST_ANSWER: '200ms' },
      ...{
        USERS_RATE: '40',
        NEWCOMERS_RATE: '0',
        CREATE_RATE: '20',
        HEALTH_RATE: '20',
        COMPUTE_RATE: '12.5',
      },
    });
    // A busy machine may have made k6 drop an iteration, or miss a limit.
    assert.ok(code === 0 || code === 99, stderr);
    assert.deepEqual([...seen.keys()].sort(), [
      'GET /compute',
      'GET /health',
      'GET /users',
      'POST /users',
    ]);
    const find = (kind: string) => seen.get(kind) ?? assert.fail(kind);
    assert.equal(find('GET /health').sockets.size, find('GET /health').requests);
    // Eight virtual users, who take turns.
    assert.ok(find('GET /users').sockets.size <= 8);
    assert.ok(find('GET /users').requests > 8);
    assert.deepEqual(
      [...find('POST /users').contents],
      ['application/json {"name":"Ada Lovelace","email":"ada@example.com"}'],
    );
    for (const name of ['users', 'create', 'health', 'compute']) {
      assert.match(stdout, new RegExp(`^${name} +\\d+ +0 +\\d+( +\\d+\\.\\d\\d ms){4}$`, 'm'));
    }
    assert.match(stdout, /^Failures: none\.$/m);
  });

  test('k6 baseline: by itself: figures into the file it is given, and nothing on stdout', async (t) => {
    const port = await serve(t, (_req, res) => ok(res));
    const path = join(makeFolder(t), 'summary.json');
    const { code, stdout, stderr } = await runScript(t, 'baseline', {
      BASE_URL: `http://127.0.0.1:${port}`,
      ...{ VUS: '3', DURATION: '1s', SUMMARY_PATH: path },
    });
    assert.equal(code, 0, stderr);
    assert.equal(stdout, '');
    const { metrics } = JSON.parse(await readFile(path, 'utf8'));
    const { values } = metrics['response_time{scenario:users,phase:window}'];
    assert.equal(values.count, 3);
    assert.ok(values['p(50)'] > 0 && values['p(50)'] <= values['p(95)']);
    assert.ok(values['p(95)'] <= values['p(99)']);
  });

  test('k6 baseline: nobody listens: exit 99, and every refusal told', async (t) => {
    const { code, stdout } = await runScript(t, 'baseline', {
      BASE_URL: `http://127.0.0.1:${await findClosedPort()}`,
      ...{ VUS: '2', DURATION: '1s' },
    });
    assert.equal(code, 99);
    assert.match(stdout, /^users +2 +2 +0 +- +- +- +-$/m);
    assert.match(stdout, /^Failures: 2 with error code 1212\.$/m);
    assert.match(stdout, /^MISSED: http_req_failed\{scenario:users\} rate<=0$/m);
  });

  test('k6 mixed: a setting that is none: k6 says which', async (t) => {
    const { code, stderr } = await runScript(t, 'mixed', { USERS_RATE: 'many' });
    assert.equal(code, 107);
    assert.match(stderr, /USERS_RATE must be a number of at least 0, not 'many'/);
  });

  /** What the lab makes of so many virtual users' first requests to a port. */
  async function load(folder: string, port: number, users: number): Promise<LoadResult> {
    const plan = createBaselinePlan({
      ...defaultBaselineSettings,
      levels: [users],
      measureMs: 1000,
    });
    const [run] = plan.runs;
    assert.ok(run);
    const streams = resolveStreams(plan, run, 1).map((stream) => ({
      ...stream,
      // One request reaches it. On a busy machine the others take a while, too.
      timeoutMs: 3000,
    }));
    const [config, samples, summary, dashboard] = ['config', 'samples', 'summary', 'dashboard'].map(
      (name) => join(folder, name),
    ) as [string, string, string, string];
    await writeFile(config, '{}');
    const files = { config, samples, summary, dashboard };
    const choice: K6Choice = { script: 'baseline', usersP99LimitMs: undefined, maxVirtualUsers: 9 };
    const env = toK6Environment(choice, files, run, streams, port);
    await runK6({
      args: toK6Arguments(choice, files),
      env: { ...pickBaseEnvironment(process.env), ...env },
      signal: new AbortController().signal,
    });
    const window = { startMs: 0, lengthMs: run.measureMs, blockMs: plan.blockMs };
    return toLoadResult(await readK6Samples(samples), streams, window);
  }

  test('k6 failures: made for real: each under the kind the lab has for it', async (t) => {
    let requests = 0;
    const port = await serve(t, (req, res) => {
      requests += 1;
      if (requests === 1) {
        res.writeHead(503, { 'content-type': 'application/json' });
        res.end('{"success":false,"message":"full","code":"QUEUE_FULL"}');
      } else if (requests === 2) req.socket.resetAndDestroy();
      else if (requests === 3) res.writeHead(302, { location: 'http://localhost:1/' }).end();
      // The fourth is never answered.
      else if (requests > 4) ok(res);
    });
    const { streams } = await load(makeFolder(t), port, 5);
    const [stream] = streams;
    assert.ok(stream);
    const { errors, sent, timedOut } = summarizeStream([stream], 1000);
    assert.deepEqual(errors, { '302': 1, '503 QUEUE_FULL': 1, reset: 1, timeout: 1 });
    const succeeded = stream.blocks.reduce((sum, block) => sum + block.succeeded, 0);
    assert.deepEqual([sent, succeeded, timedOut], [5, 1, 1]);
  });

  test('k6 failures: nobody listens: refused, and no times to trust', async (t) => {
    const result = await load(makeFolder(t), await findClosedPort(), 2);
    const [stream] = result.streams;
    assert.deepEqual(stream && summarizeStream([stream], 1000).errors, { refused: 2 });
    assert.deepEqual(
      findInvalidReasons(result, host).map(({ code }) => code),
      ['NO_ANSWERS'],
    );
  });
});

describe('lab k6', { concurrency: 4, skip: noK6 }, () => {
  test('lab k6 mixed: both modes of the server: one result, with what k6 wrote beside it', async (t) => {
    const out = makeFolder(t);
    const load = ['--load', '0.5', '--repeats', '1', '--duration', '1', '--warmup', '0'];
    const args = [...load, '--max-vus', '80', '--json', '--out', out];
    const { code, stdout, stderr } = await startLab(t, ['k6', 'mixed', ...args]).ended;
    const result = parseResult(JSON.parse(stdout));
    const isValid = result.runs.every(({ invalidReasons }) => invalidReasons.length === 0);
    const isMissed = /^missed in /m.test(stderr);
    assert.equal(code, isValid ? (isMissed ? 1 : 0) : 3, stderr);
    assert.equal(result.experiment, 'k6 mixed');
    assert.equal(result.generator.tool, 'k6');
    assert.match(result.generator.version, /^\d+\.\d+\.\d+/);
    assert.deepEqual(
      result.runs.map(({ plan, server, streams }) => [
        ...[plan.id, server.mode, server.stoppedGracefully],
        streams.map(({ plan }) => plan.name).join(' '),
      ]),
      [
        ['inline 0.5 1', 'inline', true, 'users newcomers create health compute'],
        ['pool 0.5 1', 'pool', true, 'users newcomers create health compute'],
      ],
    );
    const [folder = ''] = await readdir(out);
    assert.match(folder, /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-k6-mixed$/);
    const files = await readdir(join(out, folder));
    for (const name of ['k6-inline-0.5.json', 'k6-pool-0.5.json', 'report.html', 'result.json']) {
      assert.ok(files.includes(name), `${name} is not in ${files.join(', ')}`);
    }
    for (const run of result.runs) {
      const { target } = run.plan;
      // Either there is a dashboard, or it is said why not.
      assert.ok(files.includes(`k6-${target}-0.5.html`) || /made no dashboard/.test(stderr));
      const summary = await readFile(join(out, folder, `k6-${target}-0.5.json`), 'utf8');
      const { metrics } = JSON.parse(summary);
      for (const { plan, blocks } of run.streams) {
        const count = (metric: string) => metrics[`${metric}{scenario:${plan.name}}`].values.count;
        const counted = blocks.reduce((sum, { scheduled }) => sum + scheduled, 0);
        const total = count('http_reqs') + (count('dropped_iterations') ?? 0);
        // What k6 began when the window was over is not in it, and how late that may be nobody knows.
        assert.ok(counted <= total && counted >= total / 2, `${plan.name}: ${counted} of ${total}`);
      }
      // Telemetry and load are on one time axis.
      assert.ok(run.telemetry.some(({ atMs }) => atMs > 0 && atMs < 1000));
      assert.equal(run.selfCheck.lagP99Ms, null);
    }
    assert.ok(!files.some((name) => name.endsWith('.csv')));
  });

  test('lab k6 baseline: a limit that is stated and missed: exit 1, and which it was', async (t) => {
    const out = makeFolder(t);
    // No request over HTTP takes less than this.
    const limit = ['--slo', '0.1'];
    const args = ['baseline', '--mode', 'pool', '--vus', '3', '--duration', '1', '--out', out];
    const { code, stdout, stderr } = await startLab(t, ['k6', ...args, ...limit]).ended;
    // On a busy machine the run is invalid as well, and that comes first.
    assert.equal(code, /^INVALID/m.test(stdout) ? 3 : 1, stderr);
    assert.match(
      stderr,
      /^missed in pool 3 1: response_time\{scenario:users,phase:window\} p\(99\)<0\.1$/m,
    );
    assert.match(stdout, /^pool +3 +1 s +3 +0 +3\.0 .* pass$/m);
  });

  test('lab k6 mixed: too few virtual users for what the server does to them: invalid, exit 3', async (t) => {
    const out = makeFolder(t);
    // Blocked for 25 ms at a time, in which four virtual users are meant to send ten requests.
    const server = ['--server', stubServer, '--env', 'STUB_COMPUTE_MS=25', '--rate-users', '400'];
    const load = ['--load', '0.5', '--repeats', '1', '--duration', '1', '--max-vus', '4'];
    const args = ['mixed', '--mode', 'inline', ...load, '--out', out];
    const { code, stdout, stderr } = await startLab(t, ['k6', ...args, ...server]).ended;
    assert.equal(code, 3, stderr);
    assert.match(stdout, /^\nMind: this measurement is INVALID, see below why\.\n/);
    assert.match(
      stdout,
      /^INVALID: .*\n(?: +inline .*\n)* +inline 0\.5 1: only \d+\.\d % of the requests left in time/m,
    );
    assert.match(
      stderr,
      /^missed in inline 0\.5 1: dropped_iterations\{scenario:users\} count<=1$/m,
    );
  });

  const linuxOnly = process.platform !== 'linux' && 'only Linux tells who listens on what';
  test('lab k6: SIGINT after a run: keeps it, leaves no process; k6 listened on loopback alone', {
    skip: linuxOnly,
  }, async (t) => {
    const out = makeFolder(t);
    const args = [
      'baseline',
      '--server',
      stubServer,
      '--vus',
      '2',
      '--duration',
      '5',
      '--out',
      out,
    ];
    const lab = startLab(t, ['k6', ...args]);
    await lab.waitFor(/run 2 of 2/);
    let hasEnded = false;
    void lab.ended.then(() => {
      hasEnded = true;
    });
    let children: number[] = [];
    let listeners: string[] = [];
    // The server's, and k6's for its dashboard.
    while (!hasEnded && listeners.length < 2) {
      await delay(20);
      children = childrenOf(lab.pid);
      listeners = (await Promise.all(children.map(listListeners))).flat();
    }
    lab.kill('SIGINT');
    const { code, stdout, stderr } = await lab.ended;
    assert.equal(code, 130, stderr);
    await waitUntilGone(children);
    const loopback = '0100007F';
    assert.deepEqual(
      listeners.map((address) => address.split(':')[0]),
      [loopback, loopback],
    );
    assert.match(stdout, /^INCOMPLETE: stopped after 1 of 2 runs\.$/m);
    const [folder = ''] = await readdir(out);
    const saved = await readFile(join(out, folder, 'result.json'), 'utf8');
    const { complete, runs } = parseResult(JSON.parse(saved));
    assert.deepEqual([complete, runs.length], [false, 1]);
    const files = await readdir(join(out, folder));
    assert.ok(files.includes('k6-inline-2.json') && !files.includes('k6-pool-2.json'));
  });
});

test('lab k6: none on the PATH: one line that says how to get it, exit 2', async (t) => {
  const { code, stdout, stderr } = await startLab(t, ['k6', 'mixed'], { env: { PATH: '' } }).ended;
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /^error: k6 is not on the PATH\. [^\n]*\n$/);
  for (const way of ['go install', 'brew install k6', 'winget install k6', 'grafana/k6:2.2.0']) {
    assert.ok(stderr.includes(way), way);
  }
});

test('lab k6: a condition on what is not measured: refused before anything is, exit 2', async (t) => {
  const args = ['baseline', '--assert', 'health.p99.pool < 50ms'];
  const { code, stderr } = await startLab(t, ['k6', ...args], { env: { PATH: '' } }).ended;
  assert.equal(code, 2);
  assert.match(stderr, /^error: bad condition .* no stream health; there are users\n$/);
});

const posixShell = process.platform === 'win32' && 'the stand-in is a shell script';
test('find k6: another than k6 2.x: one line that says what was found', {
  skip: posixShell,
}, async (t) => {
  const find = async (says: string) =>
    findK6({
      baseEnv: { PATH: await makeFakeK6(t, says) },
      signal: new AbortController().signal,
    });
  const isUsageError = (message: string) => (error: unknown) =>
    error instanceof LabError && error.exitCode === 2 && error.message === message;
  await assert.rejects(
    find('k6 v0.49.0 (commit/3e2d2a5, go1.21.6, linux/amd64)'),
    isUsageError('k6 2.0.0 or newer is needed, the one on the PATH is 0.49.0'),
  );
  await assert.rejects(
    find('kilo six'),
    isUsageError('the k6 on the PATH does not tell its version: kilo six'),
  );
  assert.equal(await find('k6 v2.10.0-rc1 (go1.26.8, linux/amd64)'), '2.10.0-rc1');
});

test('install-k6: a Go that is too old: a line that says what is needed', {
  skip: spawnSync('bash', ['--version']).error !== undefined && 'no bash on the PATH',
}, async (t) => {
  const tools = makeFolder(t);
  await writeFile(join(tools, 'go'), '#!/bin/sh\necho go1.22.4\n', { mode: 0o755 });
  const script = fileURLToPath(new URL('../scripts/install-k6.sh', import.meta.url));
  const PATH = `${tools}:${process.env.PATH}`;
  const { code, stderr } = await start(t, ['bash', script, join(tools, 'bin')], { PATH }).ended;
  assert.equal(code, 1);
  assert.equal(stderr, 'Building k6 2.2.0 needs Go 1.25 or newer, and this is go1.22.4.\n');
});
