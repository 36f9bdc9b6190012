import { readFileSync } from 'node:fs';

/** CPU time of the whole machine since it started, in the kernel's ticks. */
export interface HostCpuTimes {
  readonly stolenTicks: number;
  readonly totalTicks: number;
}

/** Reads the machine's CPU times; null where the system does not tell (anywhere but Linux). */
export function readHostCpuTimes(): HostCpuTimes | null {
  try {
    return parseHostCpuTimes(readFileSync('/proc/stat', 'utf8'));
  } catch {
    return null;
  }
}

/**
 * Reads the first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq and steal; the two guest
 * times behind them are part of user and nice already (proc_stat(5)). Null when it is no such line.
 */
export function parseHostCpuTimes(stat: string): HostCpuTimes | null {
  const ticks = /^cpu +(\d+(?: \d+){7})/.exec(stat)?.[1]?.split(' ').map(Number);
  if (ticks === undefined) return null;
  return { stolenTicks: ticks[7] ?? 0, totalTicks: ticks.reduce((sum, some) => sum + some, 0) };
}

/** The share of all CPU time between two readings that the hypervisor gave to others; null when it is not known. */
export function toStolenCpuRatio(
  before: HostCpuTimes | null,
  after: HostCpuTimes | null,
): number | null {
  if (before === null || after === null) return null;
  const totalTicks = after.totalTicks - before.totalTicks;
  const stolenTicks = after.stolenTicks - before.stolenTicks;
  // A clock that was set back, as of a machine that moved, tells nothing.
  return totalTicks <= 0 || stolenTicks < 0 ? null : Math.min(1, stolenTicks / totalTicks);
}
