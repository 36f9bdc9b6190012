import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Command } from 'commander';
import { isValid } from '../loadtest/analysis/validity.ts';
import {
  addContrastOptions,
  type ContrastOptions,
  toContrastSettings,
} from '../loadtest/commands/contrast-options.ts';
import {
  defaultContrastSettings,
  quickContrastSettings,
} from '../loadtest/experiments/contrast-plan.ts';
import { resolveStreams } from '../loadtest/experiments/resolve-streams.ts';
import { LabError } from '../loadtest/lab-error.ts';
import { parseResult } from '../loadtest/result/result.ts';
import { makeFolder, startLab } from './helpers/lab-command.ts';
import { childrenOf, stubServer, waitUntilGone } from './helpers/lab-processes.ts';
import { rateOf } from './helpers/open-schedule.ts';

const quick = [
  ...['--quick', '--levels', '0,1.2', '--repeats', '1'],
  ...['--duration', '0.5', '--warmup', '0.1', '--drain', '3', '--rate-users', '50'],
];
const task = 'examples/hash-password.mjs';

describe('lab', { concurrency: 2 }, () => {
  test('lab: contrast of a stub: JSON alone on stdout, the same saved, exit by validity', async (t) => {
    const out = makeFolder(t);
    const lab = startLab(
      t,
      ['contrast', '--json', '--server', stubServer, '--out', out, ...quick, '--seed', '7'],
      // What a user happens to have exported must not reach the server.
      { env: { COMPUTE_MODE: 'inline' } },
    );
    const { code, stdout, stderr } = await lab.ended;
    const result = parseResult(JSON.parse(stdout));
    // A busy machine may rightly make it invalid; anything else is a fault.
    assert.equal(code, isValid(result) ? 0 : 3, stderr);
    assert.deepEqual(
      result.runs.map(({ plan, server, streams }) => [plan.id, server.mode, streams.length]),
      [
        ['inline 0 1', 'inline', 4],
        ['pool 0 1', 'pool', 4],
        ['pool 1.2 1', 'pool', 5],
        ['inline 1.2 1', 'inline', 5],
      ],
    );
    assert.equal(result.calibration.serviceTimeMs, 5);
    assert.deepEqual(new Set(result.calibration.atEnd?.samplesMs), new Set([5]));
    const compute = result.runs[2]?.streams.find(({ plan }) => plan.name === 'compute');
    assert.ok(compute, 'no compute');
    assert.equal(rateOf(compute.plan.schedule), 240);

    // Whoever gives the seed again gets these arrivals again.
    assert.equal(result.plan.seed, 7);
    for (const { plan, streams } of result.runs) {
      assert.deepEqual(
        streams.map((stream) => stream.plan.schedule),
        resolveStreams(result.plan, plan, 5).map(({ schedule }) => schedule),
      );
    }

    const [folder] = await readdir(out);
    assert.match(folder ?? '', /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-contrast$/);
    const saved = await readFile(join(out, folder ?? '', 'result.json'), 'utf8');
    assert.deepEqual(parseResult(JSON.parse(saved)), result);
    assert.match(stderr, /result: .*result\.json/);
  });

  test('lab: SIGINT during a run: exits 130 and leaves no process', async (t) => {
    const out = makeFolder(t);
    const args = [
      '--server',
      stubServer,
      '--out',
      out,
      '--env',
      `STUB_PID_FILE=${join(out, 'pids')}`,
    ];
    const lab = startLab(t, ['contrast', '--duration', '600', ...args]);
    await lab.waitFor(/run 1 of \d+/);
    const children = childrenOf(lab.pid);
    lab.kill('SIGINT');
    const { code, stdout, stderr } = await lab.ended;
    assert.equal(code, 130, stderr);
    assert.equal(stdout, '');
    const servers = (await readFile(join(out, 'pids'), 'utf8')).trim().split('\n').map(Number);
    await waitUntilGone([...children, ...servers]);
  });

  test('lab: SIGINT after a run: keeps what was measured, marked as incomplete', async (t) => {
    const out = makeFolder(t);
    const lab = startLab(t, ['contrast', '--server', stubServer, '--out', out, ...quick]);
    await lab.waitFor(/run 3 of 4/);
    lab.kill('SIGINT');
    const { code, stdout, stderr } = await lab.ended;
    assert.equal(code, 130, stderr);
    // The third may be over before the signal is there.
    const [, kept] = /^INCOMPLETE: stopped after ([23]) of 4 runs\.$/m.exec(stdout) ?? [];
    const [folder] = await readdir(out);
    const saved = await readFile(join(out, folder ?? '', 'result.json'), 'utf8');
    const result = parseResult(JSON.parse(saved));
    assert.equal(result.complete, false);
    assert.equal(result.runs.length, Number(kept));
  });

  test('lab: killed during a run: its children end by themselves', async (t) => {
    const out = makeFolder(t);
    const pidFile = join(out, 'pids');
    const args = ['--server', stubServer, '--out', out, '--env', `STUB_PID_FILE=${pidFile}`];
    const lab = startLab(t, ['contrast', '--duration', '600', ...args]);
    await lab.waitFor(/run 1 of \d+/);
    const children = childrenOf(lab.pid);
    lab.kill('SIGKILL');
    await lab.ended;
    const servers = (await readFile(pidFile, 'utf8')).trim().split('\n').map(Number);
    await waitUntilGone([...children, ...servers]);
  });

  test('lab: server that cannot start: one line with what it said, exit 3', async (t) => {
    const out = makeFolder(t);
    const args = ['contrast', '--server', stubServer, '--out', out, '--env', 'STUB_FAIL=start'];
    const { code, stdout, stderr } = await startLab(t, args).ended;
    assert.equal(code, 3);
    assert.equal(stdout, '');
    assert.match(stderr, /error: the server exited with code 7 .* does not feel like it/);
    assert.doesNotMatch(stderr, /\n\s+at /);
  });

  test('lab: server that ends under load: one line that says so, exit 3', async (t) => {
    const out = makeFolder(t);
    const args = ['contrast', '--server', stubServer, '--out', out, '--env', 'STUB_FAIL=request'];
    const { code, stderr } = await startLab(t, args).ended;
    assert.equal(code, 3);
    assert.match(stderr, /error: the server exited with code 9 under load/);
  });

  test('lab: server that does not answer the opening of a connection: one line, exit 3, no process left', async (t) => {
    const out = makeFolder(t);
    const pidFile = join(out, 'pids');
    const args = [
      ...['contrast', '--server', stubServer, '--out', out, ...quick],
      ...['--env', 'STUB_FAIL=opening', '--env', `STUB_PID_FILE=${pidFile}`],
    ];
    const lab = startLab(t, args);
    await lab.waitFor(/run 1 of \d+/);
    const children = childrenOf(lab.pid);
    const { code, stdout, stderr } = await lab.ended;
    assert.equal(code, 3);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /^error: the load generator failed: cannot open a kept connection with GET \/health: .*$/m,
    );
    assert.doesNotMatch(stderr, /\n\s+at /);
    const servers = (await readFile(pidFile, 'utf8')).trim().split('\n').map(Number);
    await waitUntilGone([...children, ...servers]);
  });

  test('lab: several inputs: taken in turn, once in the result and in no run', async (t) => {
    const out = makeFolder(t);
    const inputs = join(out, 'inputs.ndjson');
    const bodiesFile = join(out, 'bodies');
    await writeFile(inputs, '{"n": 1}\n\n[2]\r\n{"n":"ü"}');
    const args = [
      ...['contrast', '--json', '--server', stubServer, '--out', out, ...quick],
      ...['--task', task, '--inputs', inputs, '--env', `STUB_BODY_FILE=${bodiesFile}`],
    ];
    const { code, stdout, stderr } = await startLab(t, args).ended;
    assert.ok(code === 0 || code === 3, stderr);
    const { plan, runs } = parseResult(JSON.parse(stdout));
    const bodies = ['{"n":1}', '[2]', '{"n":"ü"}'];
    const compute = plan.streams.find(({ name }) => name === 'compute');
    assert.deepEqual(compute?.bodies, bodies);
    assert.equal(plan.task, task);
    assert.deepEqual(
      runs.flatMap(({ streams }) => streams.filter((stream) => 'bodies' in stream.plan)),
      [],
    );
    // One call at a time, the calibration shows the order.
    const arrived = (await readFile(bodiesFile, 'utf8')).split('\n');
    assert.deepEqual(
      arrived.slice(0, 12),
      Array.from({ length: 12 }, (_, index) => bodies[index % 3]),
    );
    assert.deepEqual(new Set(arrived), new Set([...bodies, '']));
  });

  test('lab: wrong usage: one line, exit 2, before anything is started', async (t) => {
    const folder = makeFolder(t);
    const inputs = join(folder, 'inputs.ndjson');
    await writeFile(inputs, '{}\n{"n":\n');
    for (const [args, message] of [
      [['--env', 'PORT=80'], 'PORT is set by the lab itself'],
      [
        ['--task', task, '--inputs', inputs],
        `--inputs: line 2 of ${inputs} is no JSON object or array`,
      ],
      [
        ['--task', task, '--inputs', inputs, '--input', '{}'],
        '--input and --inputs exclude each other',
      ],
    ] as const) {
      const lab = startLab(t, ['contrast', '--out', folder, ...args]);
      const { code, stdout, stderr } = await lab.ended;
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.equal(stderr, `error: ${message}\n`);
    }
  });
});

/** What `contrast` makes of its arguments. The seed that it draws is 5. */
function parse(...args: string[]) {
  const command = addContrastOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .parse(args, { from: 'user' });
  return toContrastSettings(command.opts<ContrastOptions>(), () => 5);
}

test('contrast options: command line: the plan gets them, or a clear refusal', () => {
  assert.deepEqual(parse(), { ...defaultContrastSettings, seed: 5 });
  const settings = parse('--duration', '2', '--threads', '3', '--env', 'A=1', '--env', 'B=2');
  assert.equal(settings.measureMs, 2000);
  assert.deepEqual(settings.targetSettings, { A: '1', B: '2', POOL_THREADS: '3' });
  const { levels, areLevelsFixed } = parse('--levels', '1.2,0');
  assert.deepEqual([levels, areLevelsFixed], [[0, 1.2], true]);
  assert.equal(parse('--repeats', '9').repeats, 9);
  assert.equal(parse('--rate-newcomers', '7').newcomersPerSec, 7);
  assert.deepEqual(parse('--quick'), { ...quickContrastSettings, seed: 5 });
  assert.equal(parse('--seed', '0').seed, 0);
  assert.throws(() => parse('--levels', 'much'), /must be a number from/);
  assert.throws(() => parse('--levels', ''), /must be a number from/);
  assert.throws(() => parse('--aa', 'both'), /must be inline or pool/);
  assert.throws(() => parse('--threads', '1.5'), /must be a whole number/);
  assert.throws(() => parse('--seed', '-1'), /must be a number from 0/);
  assert.throws(() => parse('--nonsense'), /unknown option/);
});

test('contrast options: a task and its inputs: one, many, or a refusal in one line', (t) => {
  assert.equal(parse().task, undefined);
  assert.deepEqual(parse('--task', task).task, { path: task, inputs: ['{}'] });
  assert.deepEqual(parse('--task', task, '--input', '{ "n": 1 }').task?.inputs, ['{"n":1}']);
  assert.throws(() => parse('--task', 'none.mjs'), /^LabError: --task: there is no file \/.*none/);
  assert.throws(() => parse('--input', '{'), /must be JSON/);

  const folder = makeFolder(t);
  const file = join(folder, 'inputs.ndjson');
  const withInputs = (text: string) => {
    writeFileSync(file, text);
    return parse('--task', task, '--inputs', file).task?.inputs;
  };
  // The last line may end or not, lines may be empty or end as on Windows.
  assert.deepEqual(withInputs('{ "n": 1 }\r\n\n [1, 2] \n{}'), ['{"n":1}', '[1,2]', '{}']);
  assert.deepEqual(withInputs('{}\n'), ['{}']);
  assert.equal(withInputs('{}\n'.repeat(10_000))?.length, 10_000);

  const refuses = (act: () => unknown, message: string) =>
    assert.throws(act, (error) => {
      assert.ok(error instanceof LabError, 'not a LabError');
      assert.deepEqual([error.exitCode, error.message], [2, message]);
      return true;
    });
  refuses(() => withInputs(''), `--inputs: ${file} holds no input`);
  refuses(() => withInputs('\n \n'), `--inputs: ${file} holds no input`);
  for (const line of ['{', '1', 'null', '"text"', '{} {}']) {
    refuses(
      () => withInputs(`{}\n\n${line}\n{}`),
      `--inputs: line 3 of ${file} is no JSON object or array`,
    );
  }
  refuses(
    () => withInputs('{}\n'.repeat(10_001)),
    `--inputs: ${file} holds more than 10000 inputs`,
  );
  for (const [path, code] of [
    [`${file}.none`, 'ENOENT'],
    [folder, 'EISDIR'],
  ] as const) {
    refuses(
      () => parse('--task', task, '--inputs', path),
      `--inputs: ${path} cannot be read (${code})`,
    );
  }
  refuses(
    () => parse('--task', task, '--input', '{}', '--inputs', file),
    '--input and --inputs exclude each other',
  );
  for (const option of ['--input', '--inputs']) {
    refuses(() => parse(option, '{}'), `${option} is for a task of your own: name it with --task`);
  }
});
