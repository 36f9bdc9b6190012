import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parseResult } from '../loadtest/result/result.ts';
import { type Ended, makeFolder, start } from './helpers/lab-command.ts';
import { descendantsOf, stubServer, waitUntilGone } from './helpers/lab-processes.ts';

// npm dies of the signal where its shell did, and ends with the code of a lab that is its own child.
function assertTerminated({ code, signal, stderr }: Ended) {
  assert.ok(signal === 'SIGTERM' || code === 143, `${code} ${signal} ${stderr}`);
}

describe('npm scripts', {
  timeout: 120_000,
  skip: process.platform === 'linux' ? false : 'only Linux tells the children of a process',
}, () => {
  test('npm run contrast: SIGTERM to npm: nothing is left, and what was measured is saved', async (t) => {
    const out = makeFolder(t);
    const npm = start(t, [
      ...['npm', 'run', 'contrast', '--', '--server', stubServer, '--out', out],
      ...['--quick', '--repeats', '1', '--duration', '0.5', '--warmup', '0.1'],
      ...['--env', `STUB_PID_FILE=${join(out, 'servers')}`],
    ]);
    await npm.waitFor(/run 3 of 4/);
    const processes = descendantsOf(npm.pid);
    npm.kill('SIGTERM');
    assertTerminated(await npm.ended);
    const servers = readFileSync(join(out, 'servers'), 'utf8').trim().split('\n').map(Number);
    await waitUntilGone([...processes, ...servers]);
    const folder = readdirSync(out).find((name) => name.endsWith('-contrast')) ?? '';
    const result = parseResult(JSON.parse(readFileSync(join(out, folder, 'result.json'), 'utf8')));
    assert.deepEqual([result.complete, result.runs.length], [false, 2]);
  });

  test('npm test: SIGTERM to npm: not even what a test has started is left', async (t) => {
    const file = join(makeFolder(t), 'endless.test.mjs');
    writeFileSync(
      file,
      `import { spawn } from 'node:child_process';
      import { test } from 'node:test';
      test('endless', async () => {
        spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
        process._rawDebug('endless test runs');
        await new Promise(() => setInterval(() => {}, 1000));
      });`,
    );
    // Else the inner runner takes itself for a file of this one.
    const npm = start(t, ['npm', 'test', '--', file], { NODE_TEST_CONTEXT: undefined });
    await npm.waitFor(/endless test runs/);
    const processes = descendantsOf(npm.pid);
    assert.ok(processes.length >= 4, 'two runners, the file and its child at least');
    npm.kill('SIGTERM');
    assertTerminated(await npm.ended);
    await waitUntilGone(processes);
  });
});
