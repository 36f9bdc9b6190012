import { inspect } from 'node:util';
import { isMainThread, workerData } from 'node:worker_threads';
import { monotonicMs } from './clock.ts';
import sum from './sum.ts';
import { codeOf, loadTask, type Task, TaskLoadError } from './task.ts';
import { computeThreadName, nameThisThread } from './thread-name.ts';

/** Where this very module lives, so that the pool loads the file the main thread imported. */
export const moduleUrl = import.meta.url;

/** What a pool thread is started with. */
export interface ComputeWorkerData {
  /** The file of the task; the default sum when it is not given. */
  taskUrl?: string;
}

/** One call of the task. Crosses the thread border, so it is plain data and shared memory only. */
export interface ComputeRequest {
  input: unknown;
  /** One shared cell; anything but 0 asks the task to stop. */
  cancelFlag: Int32Array;
}

/**
 * What a call came to. Failures are data, because an error loses its class and its properties on
 * the way between threads. Times are on the clock of {@link monotonicMs}.
 *
 * The output is JSON text already. Turning a large output into text takes about as long as cloning
 * it, so it is done where the task ran: the event loop gets a string, copies it in one go and writes it
 * out. And an output JSON cannot carry is then the same failure on every thread.
 */
export type ComputeReply = (
  | { ok: true; outputJson: string }
  | { ok: false; reason: 'cancelled' }
  | { ok: false; reason: 'rejected input'; message: string }
  | { ok: false; reason: 'threw'; message: string; stack: string | undefined }
) & { startedAtMs: number; finishedAtMs: number };

/** The task that runs when there is none of the user's own. Its route has checked `n`. */
export const defaultTask: Task = (input, context) => sum(input as { n: number }, context);

// The main thread loads this module too, for its address and for the inline mode.
if (!isMainThread) nameThisThread(computeThreadName);

// From the start of the thread, so that no request waits for it; a failure is kept until it is asked for,
// because a thread that fails to load is one that piscina neither reports nor replaces reliably.
const loading = loadOwnTask(workerData as ComputeWorkerData | null).catch((error: unknown) =>
  error instanceof TaskLoadError ? error : new TaskLoadError(inspect(error)),
);

async function loadOwnTask(data: ComputeWorkerData | null): Promise<Task> {
  return data?.taskUrl === undefined ? defaultTask : loadTask(data.taskUrl);
}

/** Runs this thread's task once; what the pool calls. Never throws. */
export default async function compute(request: ComputeRequest): Promise<ComputeReply> {
  const task = await loading;
  return runTask(task instanceof TaskLoadError ? () => Promise.reject(task) : task, request);
}

/** Runs a task once, on whichever thread this is called. Never throws. */
export async function runTask(task: Task, request: ComputeRequest): Promise<ComputeReply> {
  const cancelled = () => Atomics.load(request.cancelFlag, 0) !== 0;
  const startedAtMs = monotonicMs();
  const times = () => ({ startedAtMs, finishedAtMs: monotonicMs() });
  try {
    const output = await task(request.input, { cancelled });
    if (cancelled()) return { ok: false, reason: 'cancelled', ...times() };
    return { ok: true, outputJson: toJson(output), ...times() };
  } catch (error) {
    // Throwing is a natural way to stop early from deep inside a task.
    if (cancelled()) return { ok: false, reason: 'cancelled', ...times() };
    const { message, stack } = error instanceof Error ? error : new Error(inspect(error));
    return codeOf(error) === 'INVALID_INPUT'
      ? { ok: false, reason: 'rejected input', message, ...times() }
      : { ok: false, reason: 'threw', message, stack, ...times() };
  }
}

function toJson(output: unknown): string {
  const problem = `The task returned what JSON cannot carry (${typeof output})`;
  let text: string | undefined;
  try {
    text = JSON.stringify(output);
  } catch (error) {
    throw new TypeError(`${problem}: ${error instanceof Error ? error.message : error}`);
  }
  if (text === undefined) throw new TypeError(problem);
  return text;
}

/** A meeting point for all threads of a pool. */
export interface RollCall {
  /** One shared cell: how many threads have arrived. */
  arrived: Int32Array;
  threads: number;
  timeoutMs: number;
}

/** What one thread says at the roll-call. */
export interface RollCallAnswer {
  /** False when not all threads have arrived within the time limit. */
  complete: boolean;
  /** Why this thread cannot run the task. */
  problem: string | undefined;
}

/**
 * Resolves once `threads` threads are in here at the same time, which shows that each of them loaded
 * this module, and has loaded the task or says why not; or when the time limit has passed.
 */
export async function answerRollCall(rollCall: RollCall): Promise<RollCallAnswer> {
  const { arrived, threads, timeoutMs } = rollCall;
  const task = await loading;
  const deadlineMs = monotonicMs() + timeoutMs;
  let count = Atomics.add(arrived, 0, 1) + 1;
  Atomics.notify(arrived, 0);
  while (count < threads && monotonicMs() < deadlineMs) {
    Atomics.wait(arrived, 0, count, deadlineMs - monotonicMs());
    count = Atomics.load(arrived, 0);
  }
  const problem = task instanceof TaskLoadError ? task.message : undefined;
  return { complete: count >= threads, problem };
}
