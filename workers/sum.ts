import type { TaskContext } from './task.ts';

const iterationsPerCheck = 65_536;

/**
 * Adds up the integers below `n` one by one: the CPU-heavy default task.
 * Looks at `cancelled` every 65,536 iterations and then returns what it has so far.
 */
export default function sum({ n }: { n: number }, { cancelled }: TaskContext): number {
  let total = 0;
  for (let start = 0; start < n && !cancelled(); start += iterationsPerCheck)
    total = addRange(total, start, Math.min(start + iterationsPerCheck, n));
  return total;
}

// A function of its own, because V8 optimises one that is called often. A single long-running loop stays at
// the middle tier on Node 26, boxing every double, and takes about six times as long.
function addRange(total: number, start: number, end: number): number {
  let sum = total;
  for (let i = start; i < end; i++) sum += i;
  return sum;
}
