import type { LabContext } from '../lab-context.ts';
import { startBenchTarget } from './bench-target.ts';

/** Times from starting the server's process in pool mode to its ready message, in milliseconds. */
export async function benchStart(lab: LabContext, runs: number): Promise<number[]> {
  const timesMs: number[] = [];
  for (let run = 1; run <= runs; run += 1) {
    lab.progress(`start ${run} of ${runs}`);
    const target = await startBenchTarget(lab, lab.serverEntry);
    timesMs.push(target.startMs);
    await target.stop();
  }
  return timesMs;
}
