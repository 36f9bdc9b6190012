import type { Overhead } from '../../loadtest/result/overhead.ts';

/** Rounds in which handing a task over costs the event loop `dispatchMs`, more or less. */
export function createOverhead(dispatchMs: number): Overhead {
  const inline = {
    responseTimeMs: 0.15,
    queueWaitMs: 0.01,
    taskMs: 0.01,
    mainThreadCpuMs: 0.11,
    processCpuMs: 0.2,
  };
  const rounds = Array.from({ length: 20 }, (_, index) => {
    const wobbleMs = (index - 9.5) / 1000;
    const pool = {
      responseTimeMs: 0.35 + wobbleMs,
      queueWaitMs: 0.1,
      taskMs: 0.01,
      mainThreadCpuMs: 0.1 + dispatchMs + wobbleMs,
      processCpuMs: 0.4 + wobbleMs,
    };
    return { inline, pool };
  });
  return { callsPerRound: 100, rounds };
}
