import type { ComputeReply } from '../../workers/compute.ts';
import { AppError } from '../errors.ts';
import type { ComputeResult } from './runner.ts';

/** Turns a task's reply into a result, or into the error it stands for. */
export function toResult(reply: ComputeReply, enqueuedAtMs: number): ComputeResult {
  if (reply.ok) {
    return {
      outputJson: reply.outputJson,
      queueWaitMs: reply.startedAtMs - enqueuedAtMs,
      serviceTimeMs: reply.finishedAtMs - reply.startedAtMs,
    };
  }
  if (reply.reason === 'cancelled') throw new AppError('COMPUTE_TIMEOUT');
  if (reply.reason === 'rejected input')
    throw new AppError('INVALID_VALUE', { message: reply.message });
  const cause = new Error(reply.message);
  if (reply.stack !== undefined) cause.stack = reply.stack;
  throw new AppError('WORKER_FAILED', { cause });
}
