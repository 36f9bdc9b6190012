import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** How many pool threads, and what decided it. */
export interface ThreadCount {
  threads: number;
  source: 'POOL_THREADS' | 'CPU quota' | 'available parallelism';
}

/**
 * The pool's size: what the user set, else one thread per core this process may use. More threads than
 * cores only add contention for CPU-bound work.
 * @param cpuQuota cores' worth of CPU time the container may use; below 1 still gives one thread
 */
export function countThreads(
  configured: number | undefined,
  availableParallelism: number,
  cpuQuota: number | undefined,
): ThreadCount {
  if (configured !== undefined) return { threads: configured, source: 'POOL_THREADS' };
  const quotaThreads = Math.max(1, Math.floor(cpuQuota ?? Number.POSITIVE_INFINITY));
  // When equal, a newer Node may have looked at the quota as well: the answer is the same on all of them.
  return quotaThreads <= availableParallelism
    ? { threads: quotaThreads, source: 'CPU quota' }
    : { threads: availableParallelism, source: 'available parallelism' };
}

/**
 * The CPU quota of this process's control group in cores, the tightest of its own and its ancestors';
 * undefined where there is none. Node 20's `availableParallelism` does not look at it. A container
 * may see the host's name for its group while its own group is what is mounted: that name is then not
 * found, and the mount's root, where every ancestry ends, has the quota.
 * @param root prefix of the paths read; for tests
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html (cpu.max)
 */
export function readCpuQuota(root = '/'): number | undefined {
  const quotas = ownGroups(root).flatMap(({ mount, path }) =>
    [...ancestry(path)].map((group) => readGroupQuota(join(root, mount, group))),
  );
  const set = quotas.filter((quota) => quota !== undefined);
  return set.length === 0 ? undefined : Math.min(...set);
}

function ownGroups(root: string): { mount: string; path: string }[] {
  const lines = read(join(root, 'proc/self/cgroup'))?.split('\n') ?? [];
  return lines.flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) return [];
    const isVersion2 = controllers === '';
    if (!isVersion2 && !controllers.split(',').includes('cpu')) return [];
    // Version 2 alone has no folder of its own; beside version 1 it is mounted at 'unified'.
    const folders = isVersion2 ? ['', 'unified'] : [controllers, 'cpu'];
    return folders.map((folder) => ({ mount: join('sys/fs/cgroup', folder), path }));
  });
}

function* ancestry(path: string): Generator<string> {
  for (let group = path; ; group = dirname(group)) {
    yield group;
    if (group === '/' || group === '.') return;
  }
}

function readGroupQuota(directory: string): number | undefined {
  const [quota, period] = (
    read(join(directory, 'cpu.max')) ??
    `${read(join(directory, 'cpu.cfs_quota_us'))} ${read(join(directory, 'cpu.cfs_period_us'))}`
  )
    .trim()
    .split(/\s+/)
    .map(Number);
  // 'max' (version 2) and -1 (version 1) say that there is no limit.
  return quota !== undefined && period !== undefined && quota > 0 && period > 0
    ? quota / period
    : undefined;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
