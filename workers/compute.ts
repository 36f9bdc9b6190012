import { monotonicMs } from './clock.ts';
import sum from './sum.ts';

/** Where this very module lives, so that the pool loads the file the main thread imported. */
export const moduleUrl = import.meta.url;

/** One call of the task. Crosses the thread border, so it is plain data and shared memory only. */
export interface ComputeRequest {
  input: { n: number };
  /** One shared cell; anything but 0 asks the task to stop. */
  cancelFlag: Int32Array;
}

/**
 * What a call came to. Failures are data, because an error loses its class and its properties on
 * the way between threads. Times are on the clock of {@link monotonicMs}.
 */
export type ComputeReply = (
  | { ok: true; output: number }
  | { ok: false; reason: 'cancelled' }
  | { ok: false; reason: 'threw'; message: string; stack: string | undefined }
) & { startedAtMs: number; finishedAtMs: number };

/** Runs the task once, on whichever thread this is called. Never throws. */
export default async function compute(request: ComputeRequest): Promise<ComputeReply> {
  const cancelled = () => Atomics.load(request.cancelFlag, 0) !== 0;
  const startedAtMs = monotonicMs();
  const times = () => ({ startedAtMs, finishedAtMs: monotonicMs() });
  try {
    const output = await sum(request.input, { cancelled });
    return cancelled()
      ? { ok: false, reason: 'cancelled', ...times() }
      : { ok: true, output, ...times() };
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    return { ok: false, reason: 'threw', message, stack, ...times() };
  }
}

/** A meeting point for all threads of a pool. */
export interface RollCall {
  /** One shared cell: how many threads have arrived. */
  arrived: Int32Array;
  threads: number;
  timeoutMs: number;
}

/**
 * Returns once `threads` threads are in here at the same time, which shows that each of them loaded
 * this module; false when that has not happened within the time limit.
 */
export function answerRollCall({ arrived, threads, timeoutMs }: RollCall): boolean {
  const deadlineMs = monotonicMs() + timeoutMs;
  let count = Atomics.add(arrived, 0, 1) + 1;
  Atomics.notify(arrived, 0);
  while (count < threads && monotonicMs() < deadlineMs) {
    Atomics.wait(arrived, 0, count, deadlineMs - monotonicMs());
    count = Atomics.load(arrived, 0);
  }
  return count >= threads;
}
