import { readFileSync } from 'node:fs';
import { Client } from 'undici';
import { median } from '../analysis/statistics.ts';
import { parseServerTiming } from '../generator/server-timing.ts';
import type { LabContext } from '../lab-context.ts';
import { LabError } from '../lab-error.ts';
import type { ExperimentPlan } from '../result/experiment-plan.ts';
import type { Overhead } from '../result/overhead.ts';
import type { LabResult } from '../result/result.ts';
import type { Target } from '../target/start-target.ts';
import { readCpuTimeNs } from '../telemetry/cpu-time.ts';
import { expectAnswer } from './failed-call.ts';
import { withTarget } from './with-target.ts';

// The built-in task with the smallest input: what it takes is nothing, so what is left is the way there and back.
const call = { method: 'GET', path: '/compute?n=1' } as const;

/** How much is measured. */
export interface OverheadSettings {
  readonly rounds: number;
  /** Per target. */
  readonly callsPerRound: number;
  /** Per target, before the first round. */
  readonly warmupCalls: number;
}

/** The defaults of {@link OverheadSettings}: about five seconds. */
export const defaultOverheadSettings: OverheadSettings = {
  rounds: 30,
  callsPerRound: 100,
  warmupCalls: 1000,
};

/**
 * Measures what handing a task to the pool and back costs on otherwise idle servers, one call at a time, both
 * modes in turns (AB, BA …): as response time, and as CPU time from the kernel's scheduler. CPU time and not
 * event loop utilisation, because that counts waiting for a core as work. Whatever the task of the plan, it
 * is done with the built-in one. Resolves with null where the kernel does not tell (anywhere but Linux).
 */
export async function measureOverhead(
  lab: LabContext,
  plan: ExperimentPlan,
  amounts: OverheadSettings = defaultOverheadSettings,
): Promise<Overhead | null> {
  const { COMPUTE_TASK: _task, ...settings } = plan.targets[0]?.settings ?? {};
  const targets = (['inline', 'pool'] as const).map((mode) => ({
    name: mode,
    settings: { ...settings, COMPUTE_MODE: mode },
  }));
  const both: ExperimentPlan = { ...plan, targets };
  const { result } = await withTarget(lab, both, 'inline', async (inline, signal) => {
    if (!canReadCpuTime(inline.pid)) return null;
    const { result } = await withTarget(lab, both, 'pool', (pool) =>
      measureSideBySide(lab, amounts, inline, pool, signal),
    );
    return result;
  });
  return result;
}

/** A result with {@link measureOverhead}'s beside it; marked as incomplete when the user stops that. */
export async function withOverhead(lab: LabContext, result: LabResult): Promise<LabResult> {
  lab.progress('measuring what handing a task to the pool costs; about 5 s left');
  try {
    return { ...result, overhead: await measureOverhead(lab, result.plan) };
  } catch (error) {
    // What came before is worth keeping.
    if (lab.signal.aborted) return { ...result, complete: false };
    throw error;
  }
}

async function measureSideBySide(
  lab: LabContext,
  { rounds, callsPerRound, warmupCalls }: OverheadSettings,
  inline: Target,
  pool: Target,
  signal: AbortSignal,
): Promise<Overhead> {
  const sides = {
    inline: new Client(`http://127.0.0.1:${inline.ready.port}`),
    pool: new Client(`http://127.0.0.1:${pool.ready.port}`),
  };
  const measure = async (side: 'inline' | 'pool', calls: number) => {
    const { pid } = side === 'inline' ? inline : pool;
    return await measureCalls(lab, sides[side], pid, calls, signal);
  };
  try {
    for (const side of ['inline', 'pool'] as const) await measure(side, warmupCalls);
    const kept: Overhead['rounds'] = [];
    for (let round = 0; round < rounds; round += 1) {
      if (round % 2 === 0) {
        const first = await measure('inline', callsPerRound);
        kept.push({ inline: first, pool: await measure('pool', callsPerRound) });
      } else {
        const first = await measure('pool', callsPerRound);
        kept.push({ inline: await measure('inline', callsPerRound), pool: first });
      }
    }
    return { callsPerRound, rounds: kept };
  } finally {
    await Promise.all([sides.inline.destroy(), sides.pool.destroy()]);
  }
}

async function measureCalls(
  lab: LabContext,
  client: Client,
  pid: number,
  calls: number,
  signal: AbortSignal,
) {
  const responseTimesMs: number[] = [];
  const queueWaitsMs: number[] = [];
  const taskTimesMs: number[] = [];
  const mainBeforeNs = readMainThreadCpuNs(pid);
  const allBeforeNs = readCpuTimeNs(pid);
  for (let done = 0; done < calls; done += 1) {
    const startMs = lab.nowMs();
    const aim = 'cannot measure dispatching';
    const headers = await expectAnswer(aim, call, client.request({ ...call, signal }));
    responseTimesMs.push(lab.nowMs() - startMs);
    const timing = headers['server-timing'];
    if (typeof timing !== 'string') {
      throw new LabError(`${aim}: ${call.path} was answered without Server-Timing`, 3);
    }
    const durationsMs = parseServerTiming(timing);
    queueWaitsMs.push(durationsMs.get('queue') ?? 0);
    taskTimesMs.push(durationsMs.get('compute') ?? 0);
  }
  return {
    responseTimeMs: median(responseTimesMs),
    queueWaitMs: median(queueWaitsMs),
    taskMs: median(taskTimesMs),
    mainThreadCpuMs: (readMainThreadCpuNs(pid) - mainBeforeNs) / 1e6 / calls,
    processCpuMs: (readCpuTimeNs(pid) - allBeforeNs) / 1e6 / calls,
  };
}

// The main thread's id is the process's.
function readMainThreadCpuNs(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]);
}

function canReadCpuTime(pid: number): boolean {
  try {
    return readMainThreadCpuNs(pid) > 0;
  } catch {
    return false;
  }
}
