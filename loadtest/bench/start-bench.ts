import type { LabContext } from '../lab-context.ts';
import { startTarget } from '../target/start-target.ts';

/** Times from starting the server's process in pool mode to its ready message, in milliseconds. */
export async function benchStart(lab: LabContext, runs: number): Promise<number[]> {
  const timesMs: number[] = [];
  for (let run = 1; run <= runs; run += 1) {
    lab.progress(`start ${run} of ${runs}`);
    const target = await startTarget({
      entry: lab.serverEntry,
      execPath: lab.serverExecPath,
      env: {
        ...lab.baseEnv,
        NODE_ENV: 'production',
        HOST: '127.0.0.1',
        PORT: '0',
        LOG_LEVEL: 'silent',
        COMPUTE_MODE: 'pool',
      },
      signal: lab.signal,
      nowMs: lab.nowMs,
    });
    timesMs.push(target.startMs);
    await target.stop();
  }
  return timesMs;
}
