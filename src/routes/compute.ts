import type { ServerResponse } from 'node:http';
import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import type { ComputeResult, ComputeRunner } from '../compute/runner.ts';
import { maxIterations } from '../config.ts';
import { sendHead, sendJsonText } from '../http/json.ts';
import { parseQuery, queryInteger, readJsonBody } from './input.ts';

const sumQuery = z.object({
  n: queryInteger(1, maxIterations).optional().describe(`an integer from 1 to ${maxIterations}`),
});

/**
 * `GET /compute`: runs the task, and says in `Server-Timing` how long it waited and how long it ran. A task
 * of the user's own gets the query string as an object.
 */
export function getCompute(runner: ComputeRunner, defaultIterations: number): RequestHandler {
  return runAndAnswer(runner, (req) => readQuery(runner, req, defaultIterations));
}

/**
 * `HEAD /compute`: what GET would answer, without what only computing could tell, as RFC 9110 §9.3.2 allows:
 * a HEAD is asked by monitors and link checkers, which must not cost a computation.
 */
export function headCompute(runner: ComputeRunner, defaultIterations: number): RequestHandler {
  return (req, res) => {
    readQuery(runner, req, defaultIterations);
    sendHead(res);
  };
}

function readQuery({ ownTask }: ComputeRunner, { query }: Request, defaultIterations: number) {
  // A copy, because on a pool thread it is one too: here the parser's object has no prototype.
  if (ownTask) return { ...query };
  const { n = defaultIterations } = parseQuery(sumQuery, query);
  return { n };
}

/** `POST /compute`: the same for a JSON body. For a task of the user's own; the sum has no use for one. */
export function postCompute(runner: ComputeRunner): RequestHandler[] {
  // An empty body is an empty object, as an empty query string is.
  return [...readJsonBody, runAndAnswer(runner, ({ body = {} }: { body?: unknown }) => body)];
}

function runAndAnswer(runner: ComputeRunner, readInput: (req: Request) => unknown): RequestHandler {
  const outputName = runner.ownTask ? 'output' : 'total';
  return async (req, res) => {
    const input = readInput(req);
    const gone = new AbortController();
    // Also when all has gone well, where nobody listens any more.
    res.once('close', () => gone.abort());
    try {
      sendResult(res, outputName, await runner.run(input, gone.signal));
    } catch (error) {
      // Nobody is left to tell.
      if (!gone.signal.aborted) throw error;
    }
  };
}

// The output is JSON text by now; parsing it only to write it again would put its cost on the event loop.
function sendResult(res: ServerResponse, outputName: string, result: ComputeResult): void {
  const text = `{"success":true,"${outputName}":${result.outputJson}}`;
  const [queueMs, computeMs] = [result.queueWaitMs, result.serviceTimeMs];
  sendJsonText(res, 200, text, {
    'Server-Timing': `queue;dur=${queueMs.toFixed(3)}, compute;dur=${computeMs.toFixed(3)}`,
  });
}
