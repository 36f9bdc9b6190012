import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Command } from 'commander';
import {
  addContrastOptions,
  type ContrastOptions,
  toContrastSettings,
} from '../loadtest/commands/contrast-options.ts';
import {
  defaultContrastSettings,
  quickContrastSettings,
} from '../loadtest/experiments/contrast-plan.ts';
import { parseResult } from '../loadtest/result/result.ts';
import { makeFolder, startLab } from './helpers/lab-command.ts';
import { childrenOf, stubServer, waitUntilGone } from './helpers/lab-processes.ts';
import { rateOf } from './helpers/open-schedule.ts';

const quick = [
  '--quick',
  '--duration',
  '0.5',
  '--warmup',
  '0.1',
  '--drain',
  '3',
  '--rate-users',
  '50',
];

describe('lab', { concurrency: 2 }, () => {
  test('lab: contrast of a stub: JSON alone on stdout, the same saved, exit by validity', async (t) => {
    const out = makeFolder(t);
    const lab = startLab(
      t,
      ['contrast', '--json', '--server', stubServer, '--out', out, ...quick],
      // What a user happens to have exported must not reach the server.
      { env: { COMPUTE_MODE: 'inline' } },
    );
    const { code, stdout, stderr } = await lab.ended;
    const result = parseResult(JSON.parse(stdout));
    // A busy machine may rightly make it invalid; anything else is a fault.
    const isValid = result.runs.every(({ invalidReasons }) => invalidReasons.length === 0);
    assert.equal(code, isValid ? 0 : 3, stderr);
    assert.deepEqual(
      result.runs.map(({ plan, server, streams }) => [plan.id, server.mode, streams.length]),
      [
        ['inline 0 1', 'inline', 3],
        ['pool 0 1', 'pool', 3],
        ['pool 1.2 1', 'pool', 4],
        ['inline 1.2 1', 'inline', 4],
      ],
    );
    assert.equal(result.calibration.serviceTimeMs, 5);
    const compute = result.runs[2]?.streams.find(({ plan }) => plan.name === 'compute');
    assert.ok(compute);
    assert.equal(rateOf(compute.plan.schedule), 240);

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

  test('lab: wrong usage: one line, exit 2', async (t) => {
    const args = ['contrast', '--env', 'PORT=80'];
    const { code, stdout, stderr } = await startLab(t, args).ended;
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^error: PORT is set by the lab itself$/m);
  });
});

test('contrast options: command line: the plan gets them, or a clear refusal', () => {
  const parse = (...args: string[]) => {
    const command = addContrastOptions(new Command())
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .parse(args, { from: 'user' });
    return toContrastSettings(command.opts<ContrastOptions>());
  };
  assert.deepEqual(parse(), defaultContrastSettings);
  const settings = parse('--duration', '2', '--threads', '3', '--env', 'A=1', '--env', 'B=2');
  assert.equal(settings.measureMs, 2000);
  assert.deepEqual(settings.targetSettings, { A: '1', B: '2', POOL_THREADS: '3' });
  assert.deepEqual(parse('--levels', '1.2,0').levels, [0, 1.2]);
  assert.deepEqual(parse('--quick'), quickContrastSettings);
  const path = 'examples/hash-password.mjs';
  assert.deepEqual(parse('--task', path, '--input', '{ "n": 1 }').task, { path, input: '{"n":1}' });
  assert.throws(() => parse('--task', 'none.mjs'), /^LabError: --task: there is no file \/.*none/);
  assert.throws(() => parse('--levels', 'much'), /must be a number from/);
  assert.throws(() => parse('--levels', ''), /must be a number from/);
  assert.throws(() => parse('--input', '{'), /must be JSON/);
  assert.throws(() => parse('--aa', 'both'), /must be inline or pool/);
  assert.throws(() => parse('--threads', '1.5'), /must be a whole number/);
  assert.throws(() => parse('--nonsense'), /unknown option/);
});
