import type { LabContext } from '../lab-context.ts';
import { startTarget, type Target } from '../target/start-target.ts';
import { readCpuTimeNs } from '../telemetry/cpu-time.ts';

/** Starts a server the way ours runs by default: with its pool, without the admin listener; on any core, or on one. */
export function startBenchTarget(lab: LabContext, entry: string, core?: number): Promise<Target> {
  return startTarget({
    entry,
    execPath: lab.serverExecPath,
    env: {
      ...lab.baseEnv,
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'error',
      USERS_MAX: '100000000',
      COMPUTE_MODE: 'pool',
    },
    ...(core !== undefined && { core }),
    signal: lab.signal,
    nowMs: lab.nowMs,
  });
}

/** CPU time that a target takes while `load` sends it `requests` requests, in microseconds a request. */
export async function measureCpuUsPerRequest(
  { pid }: Target,
  requests: number,
  load: () => Promise<void>,
): Promise<number> {
  const beforeNs = readCpuTimeNs(pid);
  await load();
  return (readCpuTimeNs(pid) - beforeNs) / 1000 / requests;
}
