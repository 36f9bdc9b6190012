import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { z } from 'zod';
import { askChild } from '../loadtest/process/ask-child.ts';
import { pickBaseEnvironment } from '../loadtest/process/base-environment.ts';
import { quickResultSchema } from '../loadtest/result/quick-result.ts';
import { makeFolder, startLab } from './helpers/lab-command.ts';
import { childrenOf, stubServer, waitUntilGone } from './helpers/lab-processes.ts';

const startQuick = (t: TestContext, args: readonly string[]) => startLab(t, ['quick', ...args]);

describe('lab quick', { concurrency: 2 }, () => {
  test('lab quick: the real server in both modes: JSON alone on stdout, every request accounted for', async (t) => {
    const lab = startQuick(t, ['--duration', '1', '--json']);
    const { code, stdout, stderr } = await lab.ended;
    const result = quickResultSchema.parse(JSON.parse(stdout));
    assert.deepEqual(
      result.runs.flatMap(({ mode, phases }) =>
        phases.map(({ pressed, endpoints }) => [mode, pressed, endpoints.map(({ path }) => path)]),
      ),
      [
        ['inline', false, ['/users', '/health']],
        ['inline', true, ['/users', '/health', '/compute']],
        ['pool', false, ['/users', '/health']],
        ['pool', true, ['/users', '/health', '/compute']],
      ],
    );
    const phases = result.runs.flatMap((run) => run.phases);
    // A busy machine may leave a mode without an answer in so short a time; anything else is a fault.
    const isValid = phases.every(({ invalidReasons }) => invalidReasons.length === 0);
    assert.equal(code, isValid ? 0 : 3, stderr);
    for (const { endpoints, eventLoopUtilization } of phases) {
      assert.notEqual(eventLoopUtilization.server, null);
      for (const { connections, succeeded, serviceTime, unanswered, errors } of endpoints) {
        assert.equal(serviceTime?.count ?? 0, succeeded);
        assert.ok(unanswered <= connections);
        assert.deepEqual(errors, {});
      }
    }
    assert.ok(result.runs.every(({ server }) => server.stoppedGracefully));
  });

  test('lab quick: one mode of a stub: a table that says what a closed loop is', async (t) => {
    const args = ['--mode', 'pool', '--duration', '1', '--connections', '5', '--pressing', '1'];
    const lab = startQuick(t, [...args, '--server', stubServer]);
    const { code, stdout, stderr } = await lab.ended;
    assert.equal(code, /^INVALID/m.test(stdout) ? 3 : 0, stderr);
    assert.match(stdout, /^pool +quiet +GET \/users +3 /m);
    assert.match(stdout, /^ +GET \/health +2 /m);
    assert.match(stdout, /^ +pressed +GET \/users +3 /m);
    assert.match(stdout, /^ +GET \/compute +1 /m);
    assert.match(stdout, /^With \/compute pressed by 1 connection, p99 .* in pool mode/m);
    assert.match(stdout, /^CLOSED LOOP: .*\n.*npm run contrast\.$/m);
    assert.doesNotMatch(stdout, /inline/);
    assert.match(stderr, /^pool, \/compute quiet: 0\.5 s of load\npool, \/compute pressed:/m);
  });

  test('lab quick: server killed in the middle: one line that says so, exit 3', async (t) => {
    const pidFile = join(makeFolder(t), 'pids');
    const args = ['--duration', '600', '--env', `STUB_PID_FILE=${pidFile}`];
    const lab = startQuick(t, [...args, '--server', stubServer]);
    await lab.waitFor(/inline, \/compute quiet/);
    process.kill(Number(await readFile(pidFile, 'utf8')), 'SIGKILL');
    const { code, stdout, stderr } = await lab.ended;
    assert.equal(code, 3);
    assert.equal(stdout, '');
    assert.match(stderr, /^error: the server was ended by SIGKILL under load$/m);
    assert.doesNotMatch(stderr, /\n\s+at /);
  });

  test('lab quick: SIGINT: exits 130 and leaves no process', async (t) => {
    const lab = startQuick(t, ['--duration', '600']);
    await lab.waitFor(/inline, \/compute quiet/);
    const children = childrenOf(lab.pid);
    lab.kill('SIGINT');
    const { code, stdout, stderr } = await lab.ended;
    assert.equal(code, 130, stderr);
    assert.equal(stdout, '');
    await waitUntilGone(children);
  });

  test('lab quick: wrong usage: one line, exit 2', async (t) => {
    const { code, stdout, stderr } = await startQuick(t, ['--mode', 'both of them']).ended;
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /It must be inline, pool or both\./);
  });
});

test('ask child: what is no result: an error that names the child and says what it did', async (t) => {
  const folder = makeFolder(t);
  const ask = async (name: string, source: string) => {
    const entry = join(folder, name);
    await writeFile(entry, `process.once('message', ({ plan }) => { ${source} });`);
    return await askChild({
      entry,
      name: 'the child',
      plan: { n: 2 },
      resultSchema: z.object({ n: z.number() }),
      env: pickBaseEnvironment(process.env),
      signal: new AbortController().signal,
    });
  };
  const reply = (json: string) => `process.send(${json})`;
  const good = await ask('good.mjs', reply("{ type: 'result', result: { n: plan.n + 1 } }"));
  assert.deepEqual(good, { n: 3 });
  const rejections: [name: string, source: string, message: RegExp][] = [
    ['other.mjs', reply("{ type: 'result', result: 3 }"), /^the child sent a malformed result$/],
    ['failed.mjs', reply("{ type: 'failed', message: 'why' }"), /^the child failed: why$/],
    [
      'gone.mjs',
      "process.stderr.write('no idea', () => process.exit(5))",
      /^the child exited with code 5 without a result: no idea$/,
    ],
  ];
  for (const [name, source, message] of rejections) {
    await assert.rejects(ask(name, source), { name: 'LabError', exitCode: 3, message });
  }
});
