import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, describeSettings, loadConfig, settings } from '../src/config.ts';

test('loadConfig: nothing set: the documented defaults', () => {
  assert.deepEqual(loadConfig({}), {
    PORT: 9000,
    HOST: undefined,
    BACKLOG: 4096,
    COMPUTE_MODE: 'pool',
    COMPUTE_TASK: undefined,
    COMPUTE_ITERATIONS: 10_000_000,
    POOL_THREADS: undefined,
    POOL_NICE: 10,
    POOL_HEAP_MAX_MB: 64,
    COMPUTE_QUEUE_MAX: undefined,
    COMPUTE_MAX_WAIT_MS: 1000,
    COMPUTE_TIMEOUT_MS: 5000,
    USERS_MAX: 100_000,
    ADMIN_PORT: undefined,
    ADMIN_HOST: '127.0.0.1',
    LIVENESS_MAX_BLOCK_MS: 30_000,
    HEADERS_TIMEOUT_MS: 10_000,
    REQUEST_TIMEOUT_MS: 30_000,
    KEEP_ALIVE_TIMEOUT_MS: 65_000,
    SHUTDOWN_DELAY_MS: 0,
    SHUTDOWN_TIMEOUT_MS: 8000,
    LOG_LEVEL: 'info',
  });
});

test('loadConfig: empty variables: count as unset', () => {
  const empty = Object.fromEntries(Object.keys(settings).map((name) => [name, '']));
  assert.deepEqual(loadConfig(empty), loadConfig({}));
});

test('loadConfig: legal values: are taken', () => {
  const config = loadConfig({ PORT: '0', POOL_THREADS: '3', COMPUTE_MODE: 'inline', HOST: '::1' });
  assert.deepEqual(
    [config.PORT, config.POOL_THREADS, config.COMPUTE_MODE, config.HOST],
    [0, 3, 'inline', '::1'],
  );
});

test('loadConfig: several bad values: one line names each, what it may be and what it was', () => {
  assert.throws(
    () => loadConfig({ PORT: '65536', COMPUTE_MODE: 'Pool', POOL_NICE: '20', POOL_THREADS: '2' }),
    new ConfigError([
      'PORT must be an integer from 0 to 65535, not "65536"',
      'COMPUTE_MODE must be one of inline, pool, not "Pool"',
      'POOL_NICE must be an integer from 0 to 19, not "20"',
    ]),
  );
});

for (const text of ['-1', '1.5', '1e3', '0x50', ' 80', '80 ', 'NaN', '٣', '99999999999999999999']) {
  test(`loadConfig: PORT=${JSON.stringify(text)}: is refused`, () => {
    assert.throws(() => loadConfig({ PORT: text }), /PORT must be an integer/);
  });
}

test('loadConfig: COMPUTE_TASK: a path of any kind with one of the extensions', () => {
  for (const path of ['task.js', './a b/task.mjs', '../task.ts', '/abs/task.min.js'])
    assert.equal(loadConfig({ COMPUTE_TASK: path }).COMPUTE_TASK, path);
  for (const path of ['task', 'task.py', 'task.mjs/', 'task.cjs', 'task.ts '])
    assert.throws(
      () => loadConfig({ COMPUTE_TASK: path }),
      new ConfigError([
        `COMPUTE_TASK must be a path that ends in .js, .mjs, .ts, not ${JSON.stringify(path)}`,
      ]),
    );
});

test('loadConfig: times that contradict each other: are refused', () => {
  assert.throws(
    () => loadConfig({ HEADERS_TIMEOUT_MS: '2000', REQUEST_TIMEOUT_MS: '1000' }),
    /HEADERS_TIMEOUT_MS must not be longer than REQUEST_TIMEOUT_MS/,
  );
  assert.throws(() => loadConfig({ SHUTDOWN_DELAY_MS: '8000' }), /SHUTDOWN_DELAY_MS/);
});

test('describeSettings: every setting has a line with default, range and meaning', () => {
  for (const row of describeSettings()) {
    assert.ok(row.name in settings);
    assert.ok(row.fallback.length > 0 && row.allowed.length > 0 && row.help.length > 0, row.name);
  }
});
