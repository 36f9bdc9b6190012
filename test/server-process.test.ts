import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { describeSettings } from '../src/config.ts';
import { launch, startServer } from './helpers/server-process.ts';

function occupyPort(): Promise<{ port: number; free: () => void }> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      resolve({ port, free: () => server.close() });
    });
  });
}

// Root keeps its name and loses the one capability that is about ports.
const unprivileged =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-net_bind_service'] : [];

/** For `skip`: why no port can be had that is not permitted; false when one can. */
function noForbiddenPort(): string | false {
  if (process.platform !== 'linux') return 'ports are only known to be privileged on Linux';
  const first = readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8').trim();
  if (Number(first) <= 80) return `this system lets anybody listen from port ${first} on`;
  const [command = process.execPath, ...args] = [...unprivileged, process.execPath, '--version'];
  return spawnSync(command, args).status === 0 ? false : 'no setpriv that takes a capability away';
}

function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === '::1'),
  );
}

describe('server process', () => {
  for (const mode of ['inline', 'pool']) {
    test(`COMPUTE_MODE=${mode}: says where it runs, computes, and ends with 0 on SIGTERM`, async (t) => {
      const server = await startServer(t, { COMPUTE_MODE: mode });
      assert.equal(
        server.output.stdout,
        `Server is running on http://127.0.0.1:${new URL(server.url).port}\n`,
      );
      const response = await fetch(`${server.url}/compute?n=1000`);
      assert.equal(await response.text(), '{"success":true,"total":499500}');
      server.child.kill('SIGTERM');
      assert.deepEqual(await server.exited, [0, null]);
    });
  }

  for (const [HOST, printed] of [
    ['', 'localhost'],
    ['0.0.0.0', '127.0.0.1'],
    ['::', 'localhost'],
    ['::1', '[::1]'],
    ['localhost', undefined],
  ] as const) {
    test(`HOST=${HOST}: prints an address that answers`, {
      skip: HOST.includes(':') && !hasIpv6() ? 'this machine has no IPv6' : false,
    }, async (t) => {
      const { output } = await startServer(t, { HOST });
      const url = /^Server is running on (http:\/\/(\S+):\d+)\n$/.exec(output.stdout);
      if (printed !== undefined && hasIpv6()) assert.equal(url?.[2], printed);
      assert.equal((await fetch(`${url?.[1]}/health`)).status, 200);
    });
  }

  test('log: one JSON object a line on stderr, and none per request', async (t) => {
    const server = await startServer(t);
    for (let i = 0; i < 5; i++) await (await fetch(`${server.url}/users`)).text();
    server.child.kill('SIGINT');
    assert.deepEqual(await server.exited, [0, null]);
    const messages = server.output.stderr
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { msg: string }).msg)
      .filter((message) => !message.startsWith('POOL_NICE'));
    assert.deepEqual(messages, ['Listening', 'Shutting down', 'Shut down']);
  });

  test('--help: lists every setting, on stdout, and ends with 0', async (t) => {
    const { output, exited } = launch(t, {}, { args: ['--help'] });
    assert.deepEqual(await exited, [0, null]);
    for (const { name, fallback, help } of describeSettings()) {
      assert.ok(output.stdout.includes(`  ${name} `), name);
      assert.ok(output.stdout.includes(`default: ${fallback}`), name);
      assert.ok(output.stdout.includes(help), name);
    }
  });

  for (const [name, env, args, line] of [
    [
      'bad values',
      { PORT: 'x', POOL_NICE: '-1' },
      [],
      /^Invalid configuration: PORT .*; POOL_NICE /,
    ],
    [
      'an unknown argument',
      {},
      ['--port'],
      /^Invalid configuration: unknown argument --port, try --help$/,
    ],
    [
      'an address of another machine',
      { HOST: '192.0.2.1' },
      [],
      /^Cannot listen on 192\.0\.2\.1:0 for HTTP: HOST is no address of this machine$/,
    ],
    [
      'a name that is no host',
      { HOST: 'x86_64-conda-linux-gnu.invalid' },
      [],
      /^Cannot listen on x86_64-conda-linux-gnu\.invalid:0 for HTTP: HOST (is no host name known here|cannot be looked up now)$/,
    ],
    [
      'an admin address of another machine',
      { ADMIN_PORT: '0', ADMIN_HOST: '192.0.2.1' },
      [],
      /^Cannot listen on 192\.0\.2\.1:0 for the admin listener: ADMIN_HOST is no address/,
    ],
  ] as const) {
    test(`${name}: one line on stderr, exit code 2`, async (t) => {
      const { output, exited } = launch(t, env, { args: [...args] });
      assert.deepEqual(await exited, [2, null]);
      assert.equal(output.stdout, '');
      assert.equal(output.stderr.split('\n').length, 2, output.stderr);
      assert.match(output.stderr.trim(), line);
    });
  }

  for (const [name, variable] of [
    ['HTTP', 'PORT'],
    ['the admin listener', 'ADMIN_PORT'],
  ] as const) {
    test(`port in use for ${name}: one line on stderr, exit code 2`, async (t) => {
      const { port, free } = await occupyPort();
      t.after(free);
      const { output, exited } = launch(t, { [variable]: String(port) });
      assert.deepEqual(await exited, [2, null]);
      assert.equal(
        output.stderr,
        `Cannot listen on 127.0.0.1:${port} for ${name}: ${variable} is in use\n`,
      );
    });
  }

  test('privileged port: one line on stderr, exit code 2', {
    skip: noForbiddenPort(),
  }, async (t) => {
    const { output, exited } = launch(t, { PORT: '80' }, { prefix: unprivileged });
    assert.deepEqual(await exited, [2, null]);
    assert.match(
      output.stderr,
      /^Cannot listen on 127\.0\.0\.1:80 for HTTP: PORT is not permitted.*\n$/,
    );
  });

  test('worker module that does not load on a thread: one line with the reason, exit code 1', async (t) => {
    const root = fileURLToPath(new URL('..', import.meta.url));
    const copy = mkdtempSync(join(root, 'dist', 'broken-'));
    t.after(() => rmSync(copy, { recursive: true }));
    for (const folder of ['src', 'workers'])
      cpSync(join(root, 'dist', folder), join(copy, folder), { recursive: true });
    writeFileSync(
      join(copy, 'workers', 'sum.js'),
      `import { isMainThread } from 'node:worker_threads';
      if (!isMainThread) throw new Error('no such luck');
      export default () => 0;`,
    );
    const { output, exited } = launch(t, {}, { entry: join(copy, 'src', 'server.js') });
    assert.deepEqual(await exited, [1, null]);
    assert.equal(output.stderr, 'Cannot start the worker pool: no such luck\n');
  });

  test('parent that goes away: the server goes too', async (t) => {
    const server = await startServer(t);
    server.child.disconnect();
    assert.deepEqual(await server.exited, [0, null]);
  });
});
