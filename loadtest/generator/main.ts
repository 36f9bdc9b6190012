// The generator's process: a plan comes in over IPC, a result goes out. It exits when its parent is gone.
import { performance } from 'node:perf_hooks';
import { ZodError } from 'zod';
import type { FromGenerator } from './messages.ts';
import { toGeneratorSchema } from './messages.ts';
import { requestRealTime } from './real-time.ts';
import { runLoad } from './run-load.ts';

process.once('disconnect', () => process.exit(0));
// A terminal sends Ctrl-C to every process of the group. The lab decides when this one stops.
process.on('SIGINT', () => {});
// While the target starts there is time for it.
const isRealTime = requestRealTime();
process.once('message', (message) => {
  void answer(message).then((reply) => {
    process.send?.(reply, () => process.exit(0));
  });
});

async function answer(message: unknown): Promise<FromGenerator> {
  try {
    const { plan } = toGeneratorSchema.parse(message);
    const clock = {
      now: () => performance.now(),
      eventLoopUtilization: performance.eventLoopUtilization.bind(performance),
      epochMs: () => Date.now(),
      isRealTime,
    };
    return { type: 'result', result: await runLoad(plan, clock) };
  } catch (error) {
    return { type: 'failed', message: describe(error) };
  }
}

/** In one line: it ends up in the lab's error message. */
function describe(error: unknown): string {
  if (error instanceof ZodError) return error.issues.map(({ message }) => message).join('; ');
  return error instanceof Error ? error.message : String(error);
}
