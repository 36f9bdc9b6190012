import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type LabResult, parseResult } from '../loadtest/result/result.ts';
import { makeFolder, type Scope, start, startLab } from './helpers/lab-command.ts';
import { createExampleResult } from './helpers/lab-example-result.ts';
import { childrenOf, stubServer, waitUntilGone } from './helpers/lab-processes.ts';

const project = fileURLToPath(new URL('..', import.meta.url));

function saveResult(scope: Scope): { folder: string; result: LabResult } {
  const folder = makeFolder(scope);
  const result = createExampleResult();
  writeFileSync(join(folder, 'result.json'), JSON.stringify(result));
  return { folder, result };
}

/** A command of the lab as somebody types it who stands in another folder. */
function startFrom(scope: Scope, folder: string, ...args: string[]) {
  const npm = ['npm', '--prefix', project, 'run', '--silent', ...args];
  return start(scope, ['sh', '-c', 'cd "$0" && exec "$@"', folder, ...npm]);
}

const oneLine = (message: RegExp) => new RegExp(`^error: [^\\n]*${message.source}[^\\n]*\\n$`);

describe('lab usage', { concurrency: 2, timeout: 170_000 }, () => {
  for (const [name, args, message] of [
    ['a value that is none', ['contrast', '--levels', 'much'], /--levels .*from 0 to 100/],
    ['a choice there is not', ['seed', '--mode', 'both,pool'], /inline, pool or both/],
    ['an experiment there is not', ['contrst'], /unknown command 'contrst' .*contrast\?/],
    ['an option there is not', ['knee', '--fast'], /unknown option '--fast'/],
    ['no result to render', ['report'], /missing required argument 'result'/],
    ['a setting that is none', ['contrast', '--env', 'FOO'], /not a NAME=value setting: FOO/],
    [
      'a setting of the lab',
      ['contrast', '--env', 'LOG_LEVEL=info'],
      /LOG_LEVEL is set by the lab/,
    ],
    ['no such task', ['contrast', '--task', '/no/t.mjs'], /--task: there is no file \/no\/t.mjs/],
    ['input without a task', ['knee', '--input', '{}'], /--input .* name it with --task/],
    ['no such server', ['burst', '--server', '/no/s.js'], /--server: there is no file \/no\/s.js/],
    ['no such Node', ['bench', 'users', '--node', '/no'], /--node: there is no file \/no/],
  ] as const) {
    test(`lab usage: ${name}: one line, exit 2`, async (t) => {
      const { code, stdout, stderr } = await startLab(t, args).ended;
      assert.match(stderr, oneLine(message));
      assert.equal(code, 2);
      assert.equal(stdout, '');
    });
  }

  test('lab usage: a setting the server refuses: one line, exit 2', async (t) => {
    const out = makeFolder(t);
    const args = ['contrast', '--out', out, '--env', 'POOL_NICE=much'];
    const { code, stderr } = await startLab(t, args).ended;
    assert.match(stderr, /^calibrating.*\nerror: .*POOL_NICE must be an integer.*\n$/);
    assert.equal(code, 2);
  });

  test('lab usage: a variable the server does not know: it is for the task', async (t) => {
    const out = makeFolder(t);
    const task = join(out, 'task.mjs');
    writeFileSync(task, 'export default () => { throw new Error(process.env.FOO); };');
    const args = ['contrast', '--out', out, '--task', task, '--env', 'FOO=it is here'];
    const { code, stderr } = await startLab(t, args).ended;
    assert.match(stderr, /failed with the input \{\}: Error: it is here/);
    assert.equal(code, 3);
  });

  test('step summary: an empty name is none, one that cannot be written is refused', async (t) => {
    const { folder } = saveResult(t);
    const report = (GITHUB_STEP_SUMMARY: string) =>
      startLab(t, ['report', folder], { env: { GITHUB_STEP_SUMMARY } }).ended;
    assert.equal((await report('')).code, 0);
    const summary = join(folder, 'summary.md');
    assert.equal((await report(summary)).code, 0);
    assert.match(readFileSync(summary, 'utf8'), /^#/);
    const { code, stdout, stderr } = await report(join(folder, 'no', 'summary.md'));
    assert.match(
      stderr,
      oneLine(/no\/summary.md \(.*GITHUB_STEP_SUMMARY\): there is no such folder/),
    );
    assert.equal(code, 2);
    assert.equal(stdout, '');
  });

  test('step summary: cannot be written: refused before anything is measured', async (t) => {
    const env = { GITHUB_STEP_SUMMARY: join(makeFolder(t), 'no', 'summary.md') };
    const { code, stderr } = await startLab(t, ['contrast'], { env }).ended;
    assert.match(stderr, oneLine(/GITHUB_STEP_SUMMARY/));
    assert.equal(code, 2);
  });

  for (const [name, defect] of [
    ['an exception', `throw new Error('a defect')`],
    ['a rejection', `Promise.reject(new Error('a defect'))`],
  ] as const) {
    test(`lab: ${name} nobody handles: its stack, exit 3, no child is left`, {
      skip: process.platform === 'win32' ? 'Windows has no SIGUSR2' : false,
    }, async (t) => {
      const preload = `process.on('SIGUSR2', () => { ${defect} })`;
      const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(preload)}`;
      const args = ['contrast', '--server', stubServer, '--out', makeFolder(t)];
      const lab = startLab(t, args, { env: { NODE_OPTIONS } });
      await lab.waitFor(/run 1 of/);
      const children = childrenOf(lab.pid);
      lab.kill('SIGUSR2');
      const { code, stderr } = await lab.ended;
      assert.match(stderr, /^Error: a defect\n\s+at /m);
      assert.equal(code, 3);
      await waitUntilGone(children);
    });
  }

  test('npm from another folder: paths are relative to it, stdout is the JSON alone', {
    skip: process.platform === 'win32' ? 'there is no sh' : false,
  }, async (t) => {
    const { folder, result } = saveResult(t);
    const args = ['report', 'result.json', '--html', 'made/page.html', '--json'];
    const { code, stdout, stderr } = await startFrom(t, folder, 'lab', '--', ...args).ended;
    assert.equal(code, 0, stderr);
    assert.deepEqual(parseResult(JSON.parse(stdout)), result);
    assert.ok(existsSync(join(folder, 'made', 'page.html')));

    const refused = await startFrom(t, folder, 'contrast', '--', '--task', './none.mjs').ended;
    assert.match(refused.stderr, oneLine(/--task: there is no file \/.*\/none.mjs/));
    assert.ok(refused.stderr.includes(join(folder, 'none.mjs')));
    assert.equal(refused.code, 2);
  });

  test("lab from another folder, under another package's npm: paths are relative to that folder", async (t) => {
    const { folder } = saveResult(t);
    const env = { INIT_CWD: project, npm_package_json: join(folder, 'package.json') };
    writeFileSync(env.npm_package_json, '{}');
    const prefix = ['sh', '-c', 'cd "$0" && exec "$@"', folder];
    const { code, stderr } = await startLab(t, ['report', '.'], { env, prefix }).ended;
    assert.equal(code, 0, stderr);
    assert.ok(existsSync(join(folder, 'report.html')));
  });
});
