import { fileURLToPath } from 'node:url';
import type { LabContext } from '../lab-context.ts';
import { type BenchServer, benchServers, type UsersRound } from '../result/users-round.ts';
import { startTarget, type Target } from '../target/start-target.ts';
import { sendClosedLoop } from './closed-loop.ts';
import { readCpuTimeNs } from './cpu-time.ts';

const connections = 16;

/** How much is measured. */
export interface UsersBenchSettings {
  /** Kept rounds; two more come before them as warm-up. */
  readonly rounds: number;
  readonly requestsPerRound: number;
}

/** CPU time per GET /users of our server, stock Express and bare node:http, in microseconds, round by round. */
export async function benchUsers(
  lab: LabContext,
  { rounds, requestsPerRound }: UsersBenchSettings,
): Promise<UsersRound[]> {
  const targets = new Map<BenchServer, Target>();
  try {
    for (const server of benchServers) targets.set(server, await start(lab, server));
    const kept: UsersRound[] = [];
    for (let round = -2; round < rounds; round += 1) {
      lab.progress(round < 0 ? 'warming up' : `round ${round + 1} of ${rounds}`);
      const usByServer = { ours: 0, stock: 0, bare: 0 };
      // ABC, CBA, ABC …: what drifts over a round (clock rate, neighbours) favours nobody.
      const order = round % 2 === 0 ? benchServers : benchServers.toReversed();
      for (const server of order) {
        lab.signal.throwIfAborted();
        const target = targets.get(server);
        if (target !== undefined) usByServer[server] = await measureUs(target, requestsPerRound);
      }
      if (round >= 0) kept.push(usByServer);
    }
    return kept;
  } finally {
    await Promise.all([...targets.values()].map((target) => target.stop()));
  }
}

async function measureUs({ pid, ready }: Target, requests: number): Promise<number> {
  const beforeNs = readCpuTimeNs(pid);
  await sendClosedLoop(`http://127.0.0.1:${ready.port}/users`, { connections, amount: requests });
  return (readCpuTimeNs(pid) - beforeNs) / 1000 / requests;
}

function start(lab: LabContext, server: BenchServer): Promise<Target> {
  return startTarget({
    entry: entryOf(lab, server),
    execPath: lab.serverExecPath,
    // As our server runs by default: with its pool, without the admin listener.
    env: {
      ...lab.baseEnv,
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'silent',
    },
    signal: lab.signal,
    nowMs: lab.nowMs,
  });
}

function entryOf(lab: LabContext, server: BenchServer): string {
  if (server === 'ours') return lab.serverEntry;
  const file = server === 'stock' ? 'stock-express' : 'bare-http';
  const extension = import.meta.url.slice(-3);
  return fileURLToPath(new URL(`./servers/${file}${extension}`, import.meta.url));
}
