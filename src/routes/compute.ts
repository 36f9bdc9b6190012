import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { ComputeRunner } from '../compute/runner.ts';
import { maxIterations } from '../config.ts';
import { sendJson } from '../http/json.ts';
import { parseQuery, queryInteger } from './input.ts';

const computeQuery = z.object({
  n: queryInteger(1, maxIterations).optional().describe(`an integer from 1 to ${maxIterations}`),
});

/** `GET /compute`: runs the task, and says in `Server-Timing` how long it waited and how long it ran. */
export function getCompute(runner: ComputeRunner, defaultIterations: number): RequestHandler {
  return async (req, res) => {
    const { n = defaultIterations } = parseQuery(computeQuery, req.query);
    const gone = new AbortController();
    res.once('close', () => {
      if (!res.writableFinished) gone.abort(new Error('The client has gone'));
    });
    try {
      const { output, queueWaitMs, serviceTimeMs } = await runner.run({ n }, gone.signal);
      const timing = `queue;dur=${queueWaitMs.toFixed(3)}, compute;dur=${serviceTimeMs.toFixed(3)}`;
      sendJson(res, 200, { success: true, total: output }, { 'Server-Timing': timing });
    } catch (error) {
      // Nobody is left to tell.
      if (!gone.signal.aborted) throw error;
    }
  };
}
