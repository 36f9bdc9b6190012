import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import {
  addBurstOptions,
  type BurstOptions,
  toBurstSettings,
} from '../loadtest/commands/burst-options.ts';
import { defaultBurstSettings } from '../loadtest/experiments/burst.ts';
import { readSavedBurst } from './helpers/burst-result-file.ts';
import { makeFolder, startLab } from './helpers/lab-command.ts';
import { childrenOf, stubServer, waitUntilGone } from './helpers/lab-processes.ts';

/** A file that Node.js cannot run. */
const noServer = fileURLToPath(new URL('../package.json', import.meta.url));

function start(t: TestContext, ...args: string[]) {
  return startLab(t, ['burst', ...args]);
}

describe('lab burst', { concurrency: 2 }, () => {
  test('burst: SIGINT after a case: keeps it, marked as incomplete, and leaves no process', async (t) => {
    const out = makeFolder(t);
    // The second case is over after 20 s, if nobody stops it.
    const slow = ['--loop', 'both', '--block', '20', '--deadline', '30'];
    const asked = ['--connections', '5', '--backlogs', '8', ...slow, '--out', out];
    const { pid, kill, ended, waitFor } = start(t, ...asked);
    await waitFor(/case 2 of 2: backlog 8, loop blocked; about \d+ s left/);
    const children = childrenOf(pid);
    kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    assert.equal(code, 130, stderr);
    assert.match(stdout, /^INCOMPLETE: stopped after 1 of 2 cases\.$/m);
    assert.match(stdout, /^ +8 {2}free +5 +0 +0 /m);
    const { complete, cases } = readSavedBurst(out).result;
    assert.deepEqual([complete, cases.length, cases[0]?.answered], [false, 1, 5]);
    assert.equal(cases[0]?.blockedForMs, null);
    await waitUntilGone(children);
  });

  test('burst: too few open files for so many connections: refused before anything is done', {
    skip: process.platform === 'win32' ? 'Windows has no such limit' : false,
  }, async (t) => {
    const limited = ['sh', '-c', 'ulimit -n 300 && exec "$@"', 'sh'];
    const { code, stdout, stderr } = await startLab(t, ['burst'], { prefix: limited }).ended;
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^error: 600 connections need 664 open files, but the limit is 300.*\n$/);
  });

  test('burst: a server whose loop nobody can watch: one line, exit 2', async (t) => {
    const asked = ['--connections', '3', '--server', stubServer, '--loop', 'blocked'];
    const { code, stdout, stderr } = await start(t, ...asked).ended;
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^error: this server has no admin listener .*\n$/m);
  });

  test('burst: a server that does not start: one line with what it said, exit 3', async (t) => {
    const { code, stderr } = await start(t, '--server', noServer).ended;
    assert.equal(code, 3);
    assert.match(stderr, /^error: the server exited with code 1 before it was ready/m);
  });
});

test('burst options: command line: the settings, or a clear refusal', () => {
  const parse = (...args: string[]) => {
    const command = addBurstOptions(new Command())
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .parse(args, { from: 'user' });
    return toBurstSettings(command.opts<BurstOptions>());
  };
  assert.deepEqual(parse(), defaultBurstSettings);
  assert.deepEqual(parse('--backlogs', '128,16,128').backlogs, [128, 16]);
  assert.deepEqual(parse('--loop', 'free').loops, ['free']);
  assert.deepEqual(parse('--loop', 'both').loops, ['free', 'blocked']);
  assert.equal(parse('--block', '4', '--deadline', '9').blockMs, 4000);
  assert.equal(parse('--loop', 'free', '--deadline', '1').deadlineMs, 1000);
  assert.throws(() => parse('--connections', '10001'), /number from 1 to 10000/);
  assert.throws(() => parse('--backlogs', '16,'), /number from 1 to 65535/);
  assert.throws(() => parse('--loop', 'busy'), /must be free, blocked or both/);
  assert.throws(() => parse('--block', '5', '--deadline', '5'), /ends before a loop that is/);
});
