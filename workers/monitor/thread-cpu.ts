import { readdirSync, readFileSync } from 'node:fs';
import { computeThreadName } from '../thread-name.ts';

/** CPU time of this process's threads since their start, in milliseconds. */
export interface ThreadCpuTimes {
  mainThreadCpuMs: number;
  /** One for each living pool thread, in order of their age. */
  computeThreadsCpuMs: number[];
}

/**
 * Reads the CPU time of the main thread and of the pool's; null where the system does not tell. The kernel's
 * scheduler counts it in nanoseconds, and knows it while a thread is blocked.
 * @see https://docs.kernel.org/scheduler/sched-stats.html (/proc/<pid>/schedstat)
 */
export function readThreadCpuTimes(): ThreadCpuTimes | null {
  try {
    const computeThreads = readdirSync('/proc/self/task')
      .map(Number)
      .filter((id) => id !== process.pid && readName(id) === computeThreadName)
      .sort((a, b) => a - b);
    return {
      mainThreadCpuMs: readCpuMs(process.pid),
      computeThreadsCpuMs: computeThreads.map(readCpuMs),
    };
  } catch {
    // Also when a thread ends in between: the next sample has it right.
    return null;
  }
}

function readName(id: number): string {
  return readFileSync(`/proc/self/task/${id}/comm`, 'latin1').trim();
}

function readCpuMs(id: number): number {
  return Number.parseInt(readFileSync(`/proc/self/task/${id}/schedstat`, 'latin1'), 10) / 1e6;
}
