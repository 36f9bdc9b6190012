// The burst client's process: a plan comes in over IPC and, on the word, a result goes out. It exits when its
// parent is gone.
import { performance } from 'node:perf_hooks';
import { type BurstPlan, type FromBurstClient, toBurstClientSchema } from './messages.ts';
import { runBurst } from './run-burst.ts';

const clock = { now: () => performance.now(), epochMs: () => Date.now() };
let plan: BurstPlan | undefined;

process.once('disconnect', () => process.exit(0));
// A terminal sends Ctrl-C to every process of the group. The lab decides when this one stops.
process.on('SIGINT', () => {});
process.on('message', (message) => {
  answer(message).then(reply, (error: unknown) =>
    reply({ type: 'failed', message: error instanceof Error ? error.message : String(error) }),
  );
});

async function answer(message: unknown): Promise<FromBurstClient> {
  const order = toBurstClientSchema.parse(message);
  if (order.type === 'plan') {
    plan = order.plan;
    return { type: 'ready' };
  }
  if (plan === undefined) throw new Error('there is no plan to carry out');
  return { type: 'result', outcome: await runBurst(plan, clock) };
}

function reply(message: FromBurstClient): void {
  process.send?.(message, () => {
    if (message.type !== 'ready') process.exit(0);
  });
}
