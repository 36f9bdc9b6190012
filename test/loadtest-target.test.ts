import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LabError } from '../loadtest/lab-error.ts';
import { pickBaseEnvironment } from '../loadtest/process/base-environment.ts';
import { startTarget } from '../loadtest/target/start-target.ts';
import {
  createTargetEnvironment,
  parseTargetSetting,
} from '../loadtest/target/target-environment.ts';
import { isAlive, stubServer } from './helpers/lab-processes.ts';

function start(settings: Record<string, string> = {}, signal = new AbortController().signal) {
  return startTarget({
    entry: stubServer,
    execPath: process.execPath,
    env: createTargetEnvironment(pickBaseEnvironment(process.env), settings),
    signal,
    nowMs: () => performance.now(),
  });
}

describe('target', { concurrency: 2 }, () => {
  test('target: started and stopped: ready with its port, gone after', async () => {
    const target = await start({ COMPUTE_MODE: 'inline' });
    assert.equal(target.ready.mode, 'inline');
    assert.equal(target.ready.adminPort, null);
    assert.ok(target.startMs > 0);
    const answer = await fetch(`http://127.0.0.1:${target.ready.port}/users`);
    assert.equal(answer.status, 200);
    await answer.body?.cancel();
    assert.deepEqual(await target.stop(), { code: 0, signal: null, killed: false });
    assert.equal(isAlive(target.pid), false);
  });

  test('target: exits before it is ready: the error carries what it said', async () => {
    await assert.rejects(start({ STUB_FAIL: 'start' }), (error: unknown) => {
      assert.ok(error instanceof LabError);
      assert.equal(error.exitCode, 3);
      assert.match(error.message, /exited with code 7 before it was ready.*does not feel like it/s);
      return true;
    });
  });

  test('target: ends under load: it is said, and stopping it is still fine', async () => {
    const target = await start({ STUB_FAIL: 'request' });
    await assert.rejects(fetch(`http://127.0.0.1:${target.ready.port}/users`));
    await assert.rejects(target.crashed, /exited with code 9 under load/);
    await target.stop();
  });

  test('target: aborted while it starts: rejects with the reason', async () => {
    const stop = new AbortController();
    const starting = start({}, stop.signal);
    const reason = new Error('enough');
    stop.abort(reason);
    await assert.rejects(starting, reason);
  });

  test('target: no such file: the error says so', async () => {
    const options = {
      entry: `${stubServer}.missing.js`,
      execPath: process.execPath,
      env: pickBaseEnvironment(process.env),
      signal: new AbortController().signal,
      nowMs: () => 0,
    };
    await assert.rejects(startTarget(options), /before it was ready.*Cannot find module/s);
    await assert.rejects(
      startTarget({ ...options, execPath: `${stubServer}.missing` }),
      /could not be started before it was ready.*ENOENT/s,
    );
  });
});

test('target environment: exported settings of the user: only what was given to the lab arrives', () => {
  const exported = { PATH: '/bin', COMPUTE_MODE: 'inline', NODE_OPTIONS: '--jitless', PORT: '1' };
  const env = createTargetEnvironment(pickBaseEnvironment(exported), { POOL_THREADS: '3' });
  assert.deepEqual(env, {
    PATH: '/bin',
    POOL_THREADS: '3',
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: '0',
    ADMIN_PORT: '0',
    LOG_LEVEL: 'error',
    USERS_MAX: '100000000',
  });
});

test('target setting: text: a name and a value, or a clear refusal', () => {
  assert.deepEqual(parseTargetSetting('A_1=b=c'), ['A_1', 'b=c']);
  assert.deepEqual(parseTargetSetting('A='), ['A', '']);
  assert.throws(() => parseTargetSetting('nothing'), /not a NAME=value setting: nothing/);
  assert.throws(() => parseTargetSetting('PORT=80'), /PORT is set by the lab itself/);
  assert.throws(() => parseTargetSetting('COMPUTE_MODE=pool'), /set by the lab itself/);
});
