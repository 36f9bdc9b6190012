import type { LabContext } from '../lab-context.ts';
import type { Target } from '../target/start-target.ts';
import { measureCpuUsPerRequest, startBenchTarget } from './bench-target.ts';
import { sendClosedLoop } from './closed-loop.ts';
import { measureRounds, type Round } from './rounds.ts';
import type { BenchSettings } from './users-bench.ts';

const connections = 16;
const usersAtStart = 2;
const usersInPage = 100;
const body = JSON.stringify({ name: 'Ada Lovelace', email: 'ada@example.com' });

/** CPU time per request with few and with many users in memory, in microseconds. */
export type StoreRound = Round<'get, few' | 'get, many' | 'post, few' | 'post, many'>;

/**
 * CPU time per GET /users with a page full of users against `manyUsers`, and per POST /users with the two first
 * users (and those the measurement itself adds) against `manyUsers`.
 */
export async function benchStore(
  lab: LabContext,
  { rounds, requestsPerRound, manyUsers }: BenchSettings & { readonly manyUsers: number },
): Promise<StoreRound[]> {
  const targets: Target[] = [];
  try {
    const start = async (users: number) => {
      const target = await startBenchTarget(lab, lab.serverEntry);
      targets.push(target);
      await post(target, users - usersAtStart);
      return target;
    };
    lab.progress(`adding ${manyUsers} users`);
    const servers = {
      'get, few': await start(usersInPage),
      'get, many': await start(manyUsers),
      'post, few': await start(usersAtStart),
      'post, many': await start(manyUsers),
    };
    const names = ['get, few', 'get, many', 'post, few', 'post, many'] as const;
    return await measureRounds(lab, names, rounds, async (name) => {
      const target = servers[name];
      const send = name.startsWith('get') ? get : post;
      return await measureCpuUsPerRequest(target, requestsPerRound, () =>
        send(target, requestsPerRound),
      );
    });
  } finally {
    await Promise.all(targets.map((target) => target.stop()));
  }
}

function get(target: Target, amount: number): Promise<void> {
  return sendClosedLoop(urlOf(target), { connections, amount });
}

async function post(target: Target, amount: number): Promise<void> {
  if (amount === 0) return;
  const headers = { 'content-type': 'application/json' };
  await sendClosedLoop(urlOf(target), { connections, amount, method: 'POST', headers, body });
}

function urlOf({ ready }: Target): string {
  return `http://127.0.0.1:${ready.port}/users`;
}
