import { writeFileSync } from 'node:fs';

/** What the pool's threads are called. */
export const computeThreadName = 'compute';

/**
 * Gives the calling thread a name for the kernel (15 characters at most), which tools such as `top -H` show and the
 * monitor tells threads apart by. Does nothing where the system has no such names.
 * @see proc_pid_comm(5)
 */
export function nameThisThread(name: string): void {
  try {
    writeFileSync('/proc/thread-self/comm', name);
  } catch {
    // Names are a convenience: a system without them, or a container that forbids them, computes all the same.
  }
}
