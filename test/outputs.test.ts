import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { until } from './helpers/pool.ts';
import { startServer } from './helpers/server-process.ts';

const timeout = 90_000;
const hasMkfifo = spawnSync('mkfifo', ['--version']).status === 0;
const skip = hasMkfifo ? false : 'mkfifo is not installed (Debian: coreutils)';

/** A folder with a pipe that is opened for reading, so that a writer does not wait, and is not read. */
function makePipe(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'offload-lab-outputs-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  return { folder, path, descriptor: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) };
}

describe('outputs', { timeout, skip }, () => {
  test('log reader that stalls, and reads again: the server answers, lines are dropped whole, counted and reported', async (t) => {
    const { folder, path, descriptor } = makePipe(t);
    const COMPUTE_TASK = join(folder, 'task.mjs');
    writeFileSync(
      COMPUTE_TASK,
      "export default ({ size }) => { throw new Error('x'.repeat(size)); };",
    );
    const prefix = ['sh', '-c', 'exec "$@" 2>"$0"', path];
    const server = await startServer(t, { COMPUTE_TASK, POOL_NICE: '0' }, { prefix });
    const failures = 40;
    for (let i = 0; i < failures; i++)
      assert.equal((await fetch(`${server.url}/compute?size=50000`)).status, 500);
    assert.equal((await fetch(`${server.url}/health`)).status, 200);

    const metrics = async () => (await fetch(`${server.adminUrl}/metrics`)).text();
    const counted = /^offload_output_lines_dropped_total\{output="stderr"\} [1-9]/m;
    await until(async () => counted.test(await metrics()));

    const reader = new Socket({ fd: descriptor });
    t.after(() => reader.destroy());
    let text = '';
    reader.on('data', (chunk) => {
      text += chunk;
    });
    await until(() => text.includes('Lines nobody read were dropped') && text.endsWith('\n'));
    const lines = text.trim().split('\n');
    const gaps = lines
      .map((line): { output?: string; lines?: number } => JSON.parse(line))
      .filter(({ output }) => output === 'stderr');
    const dropped = gaps.reduce((sum, gap) => sum + (gap.lines ?? 0), 0);
    // The first line says where the server listens.
    assert.equal(lines.length - 1 - gaps.length + dropped, failures);

    reader.destroy();
    for (let i = 0; i < 3; i++)
      assert.equal((await fetch(`${server.url}/compute?size=1`)).status, 500);
    server.child.kill('SIGTERM');
    assert.deepEqual(await server.exited, [0, null]);
  });

  for (const mode of ['inline', 'pool']) {
    test(`COMPUTE_MODE=${mode}: reader of stdout that stalls or ends: a task may print, and the server lives on`, async (t) => {
      const { folder, path, descriptor } = makePipe(t);
      const COMPUTE_TASK = join(folder, 'task.mjs');
      writeFileSync(
        COMPUTE_TASK,
        "export default ({ size }) => { console.log('x'.repeat(size)); return 1; };",
      );
      const prefix = ['sh', '-c', 'exec "$@" >"$0"', path];
      const server = await startServer(t, { COMPUTE_MODE: mode, COMPUTE_TASK }, { prefix });
      for (let i = 0; i < 30; i++)
        assert.equal((await fetch(`${server.url}/compute?size=100000`)).status, 200);
      closeSync(descriptor);
      for (let i = 0; i < 3; i++)
        assert.equal((await fetch(`${server.url}/compute?size=10`)).status, 200);
      server.child.kill('SIGTERM');
      assert.deepEqual(await server.exited, [0, null]);
      assert.ok(!server.output.stderr.includes('nobody handled'), server.output.stderr);
    });
  }
});
