// autocannon's process: a plan comes in over IPC, a result goes out. It exits when its parent is gone.
import { performance } from 'node:perf_hooks';
import { toAutocannonSchema } from './closed-loop-plan.ts';
import { runClosedLoop } from './run-closed-loop.ts';

process.once('disconnect', () => process.exit(0));
// A terminal sends Ctrl-C to every process of the group. The lab decides when this one stops.
process.on('SIGINT', () => {});
process.once('message', (message) => {
  void answer(message).then((reply) => {
    process.send?.(reply, () => process.exit(0));
  });
});

async function answer(message: unknown) {
  try {
    const { plan } = toAutocannonSchema.parse(message);
    const clock = {
      now: () => performance.now(),
      eventLoopUtilization: performance.eventLoopUtilization.bind(performance),
      epochMs: () => Date.now(),
    };
    return { type: 'result', result: await runClosedLoop(plan, clock) };
  } catch (error) {
    return { type: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}
