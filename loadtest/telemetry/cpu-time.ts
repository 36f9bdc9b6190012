import { readdirSync, readFileSync } from 'node:fs';
import { LabError } from '../lab-error.ts';

/**
 * CPU time of a process over all its threads, in nanoseconds, from the kernel's scheduler (Linux).
 * Threads that have ended are not in it, so it is for processes whose threads stay. Throws a
 * {@link LabError} where the kernel does not tell.
 */
export function readCpuTimeNs(pid: number): number {
  try {
    const tasks = `/proc/${pid}/task`;
    return readdirSync(tasks).reduce((sum, task) => {
      const [onCpuNs] = readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ');
      return sum + Number(onCpuNs);
    }, 0);
  } catch (error) {
    throw new LabError(`no CPU time of process ${pid}: this needs Linux with schedstat`, 3, {
      cause: error,
    });
  }
}
