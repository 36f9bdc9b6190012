import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import type { TestContext } from 'node:test';
import { mergeHistograms, toPercentiles } from '../../loadtest/analysis/percentiles.ts';
import { summarizeStream } from '../../loadtest/analysis/summarize-stream.ts';
import type { LoadPlan, StreamPlan } from '../../loadtest/generator/load-plan.ts';
import { runLoad } from '../../loadtest/generator/run-load.ts';
import type { BlockResult } from '../../loadtest/result/stream-result.ts';
import { LabClock } from './lab-clock.ts';
import { ok, serve } from './lab-servers.ts';

/** What generators and servers of a test measure by. */
export const clock = new LabClock();

/** What kept connections ask for when they are opened. */
export const openingPath = '/health';

/** 100 GET /users a second on 20 kept connections, unless a test says otherwise. */
export function createLoadPlan(
  port: number,
  stream: Partial<StreamPlan> = {},
  times: Partial<LoadPlan> = {},
): LoadPlan {
  return {
    port,
    openingPath,
    warmupMs: 0,
    measureMs: 500,
    drainMs: 5000,
    blockMs: 500,
    streams: [
      {
        name: 'users',
        method: 'GET',
        path: '/users',
        connection: { kind: 'kept', connections: 20 },
        timeoutMs: 10_000,
        schedule: { kind: 'constant', arrivalRatePerSec: 100, phaseMs: 0 },
        ...stream,
      },
    ],
    ...times,
  };
}

type TimeKind = Extract<keyof BlockResult, `${string}Us`>;

/** Carries a plan out in this process; resolves with what came of each stream. */
export async function runStreams(plan: LoadPlan) {
  const { selfCheck, streams } = await runLoad(plan, clock);
  const results = streams.map((stream) => ({
    ...stream,
    summary: summarizeStream([stream], plan.measureMs),
    /** One kind of time over all blocks; undefined when none was recorded. */
    times: (kind: TimeKind) =>
      toPercentiles(mergeHistograms(stream.blocks.flatMap((block) => block[kind] ?? []))),
  }));
  return { selfCheck, results };
}

/** The same for a plan of one stream. */
export async function run(plan: LoadPlan) {
  const { selfCheck, results } = await runStreams(plan);
  const [result] = results;
  assert.ok(result, 'no stream');
  return { selfCheck, ...result };
}

/** Holds a time to what it cannot fall short of; histograms have three digits. */
export function assertAtLeast(actualMs: number | undefined, leastMs: number | undefined): void {
  const message = `${actualMs} ms is less than ${leastMs} ms`;
  assert.ok((actualMs ?? Number.NaN) >= (leastMs ?? Number.NaN) * 0.999, message);
}

/** A server that answers the opening of kept connections at once, and everything else as the test wants. */
export function serveOpened(t: TestContext, listener: RequestListener): Promise<number> {
  return serve(t, (req, res) => {
    if (req.url === openingPath) ok(res);
    else listener(req, res);
  });
}
