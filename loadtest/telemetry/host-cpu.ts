import { readFileSync } from 'node:fs';
import type { RunResult } from '../result/result.ts';

/** CPU time since the start of the machine, in the kernel's ticks. */
export interface HostCpuTimes {
  readonly stolenTicks: number;
  readonly idleTicks: number;
  readonly totalTicks: number;
  /** Of this process, its children that have ended, and the processes it was read for. */
  readonly ownTicks: number;
}

/**
 * Reads the machine's CPU times and the lab's own share, `pids` being its children that are still alive; null where the
 * system does not tell (anywhere but Linux).
 */
export function readHostCpuTimes(pids: readonly number[]): HostCpuTimes | null {
  try {
    const machine = parseHostCpuTimes(readFileSync('/proc/stat', 'utf8'));
    const own = pids.map((pid) => parseProcessTicks(readFileSync(`/proc/${pid}/stat`, 'utf8')).own);
    const { own: self, children } = parseProcessTicks(readFileSync('/proc/self/stat', 'utf8'));
    const ownTicks = own.reduce((sum, ticks) => sum + ticks, self + children);
    return machine === null ? null : { ...machine, ownTicks };
  } catch {
    return null;
  }
}

/**
 * Reads the first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq and steal; the two guest
 * times behind them are part of user and nice already (proc_stat(5)). Null when it is no such line.
 */
export function parseHostCpuTimes(stat: string): Omit<HostCpuTimes, 'ownTicks'> | null {
  const ticks = /^cpu +(\d+(?: \d+){7})/.exec(stat)?.[1]?.split(' ').map(Number);
  if (ticks === undefined) return null;
  return {
    stolenTicks: ticks[7] ?? 0,
    idleTicks: (ticks[3] ?? 0) + (ticks[4] ?? 0),
    totalTicks: ticks.reduce((sum, some) => sum + some, 0),
  };
}

/** Reads `/proc/<pid>/stat`: user and system time, of the process and of its children that have ended (proc_pid_stat(5)). */
export function parseProcessTicks(stat: string): { own: number; children: number } {
  // The name, in parentheses, may hold anything; utime is the twelfth field after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15).map(Number);
  return { own: user + system, children: childUser + childSystem };
}

/** What the rest of the machine did between two readings; null where it is not known. */
export function toHost(before: HostCpuTimes | null, after: HostCpuTimes | null): RunResult['host'] {
  const unknown = { stolenCpuRatio: null, othersCpuRatio: null, idleCpuRatio: null };
  if (before === null || after === null) return unknown;
  const total = after.totalTicks - before.totalTicks;
  const stolen = after.stolenTicks - before.stolenTicks;
  const idle = after.idleTicks - before.idleTicks;
  // A clock that was set back, as of a machine that moved, tells nothing.
  if (total <= 0 || stolen < 0 || idle < 0) return unknown;
  const others = total - idle - stolen - (after.ownTicks - before.ownTicks);
  const toRatio = (ticks: number) => Math.min(1, Math.max(0, ticks / total));
  return {
    stolenCpuRatio: toRatio(stolen),
    othersCpuRatio: toRatio(others),
    idleCpuRatio: toRatio(idle),
  };
}
