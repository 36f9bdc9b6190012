import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { countThreads, readCpuQuota } from '../src/compute/threads.ts';

const sources = {
  configured: 'POOL_THREADS',
  quota: 'CPU quota',
  cores: 'available parallelism',
} as const;

const sizes = [
  // what is set, cores, quota in cores -> threads, decided by
  [undefined, 8, undefined, 8, 'cores'],
  [undefined, 1, undefined, 1, 'cores'],
  [undefined, 8, 16, 8, 'cores'],
  [undefined, 8, 8.5, 8, 'quota'],
  [undefined, 8, 8, 8, 'quota'],
  [undefined, 8, 2.5, 2, 'quota'],
  [undefined, 8, 1, 1, 'quota'],
  [undefined, 8, 0.5, 1, 'quota'],
  // Node 24 and 26 have looked at the quota themselves.
  [undefined, 1, 1, 1, 'quota'],
  [3, 8, undefined, 3, 'configured'],
  [3, 8, 1, 3, 'configured'],
  [16, 2, undefined, 16, 'configured'],
] as const;

for (const [configured, cores, quota, threads, source] of sizes) {
  const circumstance = `POOL_THREADS ${configured ?? 'not set'}, ${cores} cores, quota ${quota ?? 'none'}`;
  test(`countThreads: ${circumstance}: ${threads}, decided by ${sources[source]}`, () => {
    assert.deepEqual(countThreads(configured, cores, quota), { threads, source: sources[source] });
  });
}

/** Control groups as files below a root, and the quota they make. */
interface Tree {
  circumstance: string;
  files: Record<string, string>;
  quota: number | undefined;
}

const trees: Tree[] = [
  {
    circumstance: 'version 2, as a container with a namespace of its own sees it',
    files: { 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': '200000 100000\n' },
    quota: 2,
  },
  {
    circumstance: 'version 2, the tightest quota on the group itself',
    files: {
      'proc/self/cgroup': '0::/a.slice/b.service\n',
      'sys/fs/cgroup/a.slice/cpu.max': '400000 100000\n',
      'sys/fs/cgroup/a.slice/b.service/cpu.max': '150000 100000\n',
    },
    quota: 1.5,
  },
  {
    circumstance: 'version 2, the tightest quota on an ancestor',
    files: {
      'proc/self/cgroup': '0::/a.slice/b.slice/c.service\n',
      'sys/fs/cgroup/a.slice/cpu.max': '100000 100000\n',
      'sys/fs/cgroup/a.slice/b.slice/cpu.max': 'max 100000\n',
      'sys/fs/cgroup/a.slice/b.slice/c.service/cpu.max': '300000 100000\n',
    },
    quota: 1,
  },
  {
    circumstance: "version 2, 'max' all the way up",
    files: {
      'proc/self/cgroup': '0::/a.slice\n',
      'sys/fs/cgroup/a.slice/cpu.max': 'max 100000\n',
    },
    quota: undefined,
  },
  {
    circumstance: 'version 2, a neighbour with a quota',
    files: {
      'proc/self/cgroup': '0::/a\n',
      'sys/fs/cgroup/a/cpu.max': 'max 100000\n',
      'sys/fs/cgroup/b/cpu.max': '100000 100000\n',
    },
    quota: undefined,
  },
  {
    circumstance: "version 2, the group known by the host's name, its own group mounted",
    files: {
      'proc/self/cgroup': '0::/kubepods.slice/pod.slice/container.scope\n',
      'sys/fs/cgroup/cpu.max': '250000 100000\n',
    },
    quota: 2.5,
  },
  {
    circumstance: 'version 2, a group outside the namespace',
    files: { 'proc/self/cgroup': '0::/../other\n', 'sys/fs/cgroup/cpu.max': '100000 100000\n' },
    quota: 1,
  },
  {
    circumstance: 'version 2, a period of 50 ms',
    files: { 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': '25000 50000\n' },
    quota: 0.5,
  },
  {
    circumstance: 'version 1, cpu and cpuacct mounted together',
    files: {
      'proc/self/cgroup': '5:memory:/m\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n',
      'sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us': '250000\n',
      'sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us': '100000\n',
    },
    quota: 2.5,
  },
  {
    circumstance: 'version 1, the controllers named in another order than the mount',
    files: {
      'proc/self/cgroup': '4:cpuacct,cpu:/a\n',
      'sys/fs/cgroup/cpu/a/cpu.cfs_quota_us': '100000\n',
      'sys/fs/cgroup/cpu/a/cpu.cfs_period_us': '100000\n',
    },
    quota: 1,
  },
  {
    circumstance: 'version 1, the tightest quota on an ancestor',
    files: {
      'proc/self/cgroup': '4:cpu:/a/b\n',
      'sys/fs/cgroup/cpu/a/cpu.cfs_quota_us': '100000\n',
      'sys/fs/cgroup/cpu/a/cpu.cfs_period_us': '100000\n',
      'sys/fs/cgroup/cpu/a/b/cpu.cfs_quota_us': '300000\n',
      'sys/fs/cgroup/cpu/a/b/cpu.cfs_period_us': '100000\n',
    },
    quota: 1,
  },
  {
    circumstance: "version 1, the group known by the host's name, its own group mounted",
    files: {
      'proc/self/cgroup': '4:cpu,cpuacct:/docker/abc\n',
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '100000\n',
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
    },
    quota: 1,
  },
  {
    circumstance: 'version 1, -1 for no limit',
    files: {
      'proc/self/cgroup': '4:cpu,cpuacct:/a\n',
      'sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us': '-1\n',
      'sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us': '100000\n',
    },
    quota: undefined,
  },
  {
    circumstance: 'version 1, a quota on another controller’s group of the same name',
    files: {
      'proc/self/cgroup': '4:cpuset:/a\n',
      'sys/fs/cgroup/cpu/a/cpu.cfs_quota_us': '100000\n',
      'sys/fs/cgroup/cpu/a/cpu.cfs_period_us': '100000\n',
    },
    quota: undefined,
  },
  {
    circumstance: 'both versions, the quota in version 1',
    files: {
      'proc/self/cgroup': '4:cpu,cpuacct:/a\n0::/a\n',
      'sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us': '200000\n',
      'sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us': '100000\n',
      'sys/fs/cgroup/unified/a/cgroup.procs': '',
    },
    quota: 2,
  },
  {
    circumstance: 'both versions, the quota in version 2',
    files: {
      'proc/self/cgroup': '5:memory:/\n0::/a\n',
      'sys/fs/cgroup/unified/a/cpu.max': '100000 100000\n',
    },
    quota: 1,
  },
  { circumstance: 'no control groups', files: {}, quota: undefined },
  {
    circumstance: 'control groups that are not mounted',
    files: { 'proc/self/cgroup': '0::/a\n' },
    quota: undefined,
  },
  {
    circumstance: 'files with something else in them',
    files: { 'proc/self/cgroup': 'nothing\n0::/\n', 'sys/fs/cgroup/cpu.max': '\n' },
    quota: undefined,
  },
];

for (const { circumstance, files, quota } of trees) {
  test(`readCpuQuota: ${circumstance}: ${quota ?? 'none'}`, (t) => {
    const root = mkdtempSync(join(tmpdir(), 'offload-lab-cgroup-'));
    t.after(() => rmSync(root, { recursive: true }));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    assert.equal(readCpuQuota(root), quota);
  });
}

test('server: a real control group with a quota of one core: one thread, decided by the quota', async (t) => {
  if (availableParallelism() < 2) return t.skip('one core only: the quota would decide nothing');
  const group = createGroup(t, { quotaMicros: 100_000 });
  if (typeof group === 'string') return t.skip(group);

  assert.deepEqual(await startIn(group.procs, {}), { threads: 1, decidedBy: 'CPU quota' });
  assert.deepEqual(await startIn(group.procs, { POOL_THREADS: '2' }), {
    threads: 2,
    decidedBy: 'POOL_THREADS',
  });
});

/** A control group of our own that goes with the test, or why there can be none. */
function createGroup(
  t: TestContext,
  { quotaMicros }: { quotaMicros: number },
): { procs: string } | string {
  const parent = ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/cpu,cpuacct', '/sys/fs/cgroup'].find(
    (directory) => existsSync(join(directory, 'cgroup.procs')),
  );
  if (parent === undefined) return 'no control groups are mounted';
  const group = join(parent, `offload-lab-test-${process.pid}`);
  try {
    mkdirSync(group);
    t.after(() => removeGroup(group));
    if (existsSync(join(group, 'cpu.cfs_quota_us')))
      writeFileSync(join(group, 'cpu.cfs_quota_us'), String(quotaMicros));
    else writeFileSync(join(group, 'cpu.max'), `${quotaMicros} 100000`);
    return { procs: join(group, 'cgroup.procs') };
  } catch (error) {
    return `cannot make a control group with a CPU quota: ${(error as Error).message}`;
  }
}

async function removeGroup(group: string): Promise<void> {
  const members = () => readFileSync(join(group, 'cgroup.procs'), 'utf8').match(/\d+/g) ?? [];
  // Empty by now, unless the test failed or ran into its time limit.
  for (const pid of members()) process.kill(Number(pid), 'SIGKILL');
  while (members().length > 0) await delay(20);
  rmdirSync(group);
}

/** Starts the server inside a group, stops it again, and tells what its log says of the threads. */
async function startIn(procs: string, env: Record<string, string>) {
  const server = fileURLToPath(new URL('../src/server.ts', import.meta.url));
  // The shell moves itself, so that Node is inside before its first instruction.
  const script = 'echo $$ >"$0" && exec "$@"';
  const child = spawn('sh', ['-c', script, procs, process.execPath, '--import', 'tsx', server], {
    env: { ...process.env, PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  const lines: string[] = [];
  let found: { threads: unknown; decidedBy: unknown } | undefined;
  for await (const line of createInterface({ input: child.stderr })) {
    lines.push(line);
    if (!line.includes('"Listening"')) continue;
    const { threads, threadsDecidedBy } = JSON.parse(line);
    found = { threads, decidedBy: threadsDecidedBy };
    child.kill('SIGTERM');
  }
  await exited;
  assert.ok(found, `the server did not start: ${lines.join('\n')}`);
  return found;
}
