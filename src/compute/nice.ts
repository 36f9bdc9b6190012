import { readdirSync, readFileSync } from 'node:fs';

/**
 * How many threads of this process run at a nice value of at least `increment` above the main thread's;
 * undefined where the system does not tell (anywhere but Linux).
 * @see man 5 proc_pid_stat, field 19
 */
export function countNicedThreads(increment: number): number | undefined {
  try {
    const niceOf = (task: string) => {
      const stat = readFileSync(`/proc/self/task/${task}/stat`, 'utf8');
      // The second field is the thread's name in brackets and may itself hold spaces and brackets.
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
    };
    const mainNice = niceOf(String(process.pid));
    // The kernel stops at 19.
    const wanted = Math.min(19, mainNice + increment);
    return readdirSync('/proc/self/task').filter((task) => niceOf(task) >= wanted).length;
  } catch {
    return undefined;
  }
}
