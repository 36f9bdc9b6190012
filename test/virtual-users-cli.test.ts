import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Command } from 'commander';
import { summarizeAdmission } from '../loadtest/analysis/admission-summary.ts';
import { summarizeVirtualUsers } from '../loadtest/analysis/virtual-users-summary.ts';
import { addOutputOptions } from '../loadtest/commands/output-options.ts';
import { seed } from '../loadtest/commands/seed.ts';
import { addSeedOptions, type SeedOptions } from '../loadtest/commands/seed-options.ts';
import { parseResult } from '../loadtest/result/result.ts';
import { makeFolder, startLab } from './helpers/lab-command.ts';
import { createStubLab } from './helpers/stub-lab.ts';

/** What was saved: the result, and the report beside it. */
function readSaved(folder: string) {
  const [name = ''] = readdirSync(folder);
  return {
    name,
    result: parseResult(JSON.parse(readFileSync(join(folder, name, 'result.json'), 'utf8'))),
    page: readFileSync(join(folder, name, 'report.html'), 'utf8'),
  };
}

describe('closed loops on the real server', { concurrency: 2 }, () => {
  test('seed: both modes, one second: every user asks once, nothing fails, the table and the page say so', async (t) => {
    const out = makeFolder(t);
    // The condition is on counts, which hold on a busy machine too.
    const condition = ['--assert', 'users.errors.pool@20 <= 0'];
    const args = ['seed', '--vus', '20', '--duration', '1', '--out', out, ...condition];
    const { code, stdout, stderr } = await startLab(t, args).ended;
    const { name, result, page } = readSaved(out);
    assert.match(name, /-seed$/);
    assert.equal(result.experiment, 'seed');
    const isValid = result.runs.every(({ invalidReasons }) => invalidReasons.length === 0);
    assert.equal(code, isValid ? 0 : 3, stderr);
    assert.deepEqual(
      summarizeVirtualUsers(result).map(({ target, virtualUsers, requests, failed }) => [
        target,
        virtualUsers,
        requests,
        failed,
      ]),
      [
        ['inline', 20, 20, 0],
        ['pool', 20, 20, 0],
      ],
    );
    assert.deepEqual(
      result.runs.map(({ server }) => server.mode),
      ['inline', 'pool'],
    );
    assert.match(stdout, /^None of 40 requests failed, with up to 20 virtual users/m);
    assert.match(stdout, /^holds: users\.errors\.pool@20 <= 0/m);
    assert.match(stderr, /run 2 of 2: pool, 20 virtual users, repetition 1/);
    assert.match(page, /Beside the original/);
  });

  test('admission: inline, one second: newcomers are counted while clients compute', async (t) => {
    const out = makeFolder(t);
    const few = ['--clients', '2', '--duration', '1', '--mode', 'inline'];
    const { code, stdout, stderr } = await startLab(t, [
      'admission',
      ...few,
      '--json',
      '--out',
      out,
    ]).ended;
    const result = parseResult(JSON.parse(stdout));
    const isValid = result.runs.every(({ invalidReasons }) => invalidReasons.length === 0);
    assert.equal(code, isValid ? 0 : 3, stderr);
    assert.deepEqual(readSaved(out).result, result);
    const [summary, ...others] = summarizeAdmission(result);
    assert.ok(summary && others.length === 0);
    assert.equal(summary.newcomers, 20);
    assert.deepEqual(summary.failures, {});
    assert.equal(summary.acceptQueueBySecond.length, 1);
    assert.ok(summary.connect && summary.firstByte);
    assert.ok((summary.compute?.sent ?? 0) >= 2, `${summary.compute?.sent}`);
  });

  test('seed: too few open files for so many users: refused before anything is done', {
    skip: process.platform === 'win32' ? 'Windows has no such limit' : false,
  }, async (t) => {
    const limited = ['sh', '-c', 'ulimit -n 200 && exec "$@"', 'sh'];
    const { code, stdout, stderr } = await startLab(t, ['seed', '--vus', '5,300'], {
      prefix: limited,
    }).ended;
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^error: 300 connections need \d+ open files, but the limit is 200.*\n$/);
  });
});

test('seed: a condition on what is not measured: refused before anything is done', async () => {
  const options = new Command().exitOverride();
  addOutputOptions(addSeedOptions(options)).parse(['--assert', 'users.errors.pool@7 <= 0'], {
    from: 'user',
  });
  const progress: string[] = [];
  const lab = createStubLab((line) => progress.push(line));
  await assert.rejects(
    seed(lab, options.opts<SeedOptions>()),
    /^LabError: bad condition .*: no load 7; there are 50, 100, 300$/,
  );
  assert.deepEqual(progress, []);
});
