import type { ComputeObservation } from '../../workers/telemetry.ts';
import { AppError } from '../errors.ts';
import type { ComputeRunner } from './runner.ts';

/** The same runner, with the end of every computation told to `record`. */
export function observeRunner(
  runner: ComputeRunner,
  record: (observation: ComputeObservation) => void,
): ComputeRunner {
  return {
    ...runner,
    async run(input, signal) {
      try {
        const result = await runner.run(input, signal);
        const { queueWaitMs, serviceTimeMs } = result;
        record({ outcome: 'OK', queueWaitMs, serviceTimeMs });
        return result;
      } catch (error) {
        record({ outcome: toOutcome(error, signal) });
        throw error;
      }
    },
  };
}

function toOutcome(error: unknown, signal: AbortSignal): string {
  if (error instanceof AppError) return error.code;
  return signal.aborted ? 'CLIENT_GONE' : 'INTERNAL';
}
