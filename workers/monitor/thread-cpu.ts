import { readFileSync } from 'node:fs';

/**
 * CPU time of this process's main thread since its start, in milliseconds; null where the system does not
 * tell. The kernel's scheduler counts it in nanoseconds, and knows it while the thread is blocked.
 * @see https://docs.kernel.org/scheduler/sched-stats.html (/proc/<pid>/schedstat)
 */
export function readMainThreadCpuMs(): number | null {
  try {
    const schedstat = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1');
    return Number.parseInt(schedstat, 10) / 1e6;
  } catch {
    return null;
  }
}
