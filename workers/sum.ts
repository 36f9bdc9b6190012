import type { TaskContext } from './task.ts';

const iterationsPerCheck = 65_536;

/**
 * Adds up the integers below `n` one by one: the CPU-heavy default task.
 * Looks at `cancelled` every 65,536 iterations and then returns what it has so far.
 */
export default function sum({ n }: { n: number }, { cancelled }: TaskContext): number {
  let total = 0;
  let i = 0;
  while (i < n && !cancelled()) {
    const end = Math.min(i + iterationsPerCheck, n);
    for (; i < end; i++) total += i;
  }
  return total;
}
