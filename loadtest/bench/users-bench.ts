import { fileURLToPath } from 'node:url';
import type { LabContext } from '../lab-context.ts';
import type { Target } from '../target/start-target.ts';
import { measureCpuUsPerRequest, startBenchTarget } from './bench-target.ts';
import { sendClosedLoop } from './closed-loop.ts';
import { measureRounds, type Round } from './rounds.ts';

const connections = 16;
// All servers on the same core, so that none pays for moving between two; the load comes from elsewhere.
const core = 0;

/** The servers that are compared. */
export const usersBenchServers = ['ours', 'stock', 'bare'] as const;

/** CPU time of one GET /users per server, in microseconds. */
export type UsersRound = Round<(typeof usersBenchServers)[number]>;

/** How much is measured. */
export interface BenchSettings {
  readonly rounds: number;
  readonly requestsPerRound: number;
}

/** CPU time per GET /users of our server, stock Express and bare node:http, round by round. */
export async function benchUsers(
  lab: LabContext,
  { rounds, requestsPerRound }: BenchSettings,
): Promise<UsersRound[]> {
  const targets = new Map<string, Target>();
  try {
    for (const server of usersBenchServers)
      targets.set(server, await startBenchTarget(lab, entryOf(lab, server), core));
    return await measureRounds(lab, usersBenchServers, rounds, async (server) => {
      const target = targets.get(server);
      if (target === undefined) throw new Error(`no server ${server}`);
      const url = `http://127.0.0.1:${target.ready.port}/users`;
      return await measureCpuUsPerRequest(target, requestsPerRound, () =>
        sendClosedLoop(url, { connections, amount: requestsPerRound }),
      );
    });
  } finally {
    await Promise.all([...targets.values()].map((target) => target.stop()));
  }
}

function entryOf(lab: LabContext, server: (typeof usersBenchServers)[number]): string {
  if (server === 'ours') return lab.serverEntry;
  const file = server === 'stock' ? 'stock-express' : 'bare-http';
  const extension = import.meta.url.slice(-3);
  return fileURLToPath(new URL(`./servers/${file}${extension}`, import.meta.url));
}
