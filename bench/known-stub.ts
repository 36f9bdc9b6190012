import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { LoadPlan } from '../loadtest/generator/load-plan.ts';
import { createSchedule, type OpenSchedule } from '../loadtest/generator/schedule.ts';
import { forkModule, stopChild } from '../loadtest/process/fork-module.ts';

/** What the stub does; see `known-stub-server.mjs`. */
export type Shape = 'constant' | 'bimodal' | 'stall';

/** The figures that are cross-checked. */
export interface Figures {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

const traceSchema = z.object({ arrivedMs: z.array(z.number()), repliedMs: z.array(z.number()) });

/** When requests reached the stub and when it answered each, in milliseconds since 1970, in order of arrival. */
export type Trace = z.infer<typeof traceSchema>;

const stubEntry = fileURLToPath(new URL('./known-stub-server.mjs', import.meta.url));
const schedule: OpenSchedule = { kind: 'constant', arrivalRatePerSec: 200, phaseMs: 0 };
const intervalMs = 1000 / schedule.arrivalRatePerSec;

/** Lets `use` load a stub in a process of its own; resolves with what it came to, and the stub's trace. */
export async function withStub<Result>(
  shape: Shape,
  use: (port: number) => Promise<Result>,
): Promise<{ result: Result; trace: Trace }> {
  const stub = forkModule(stubEntry, { env: { STUB_SHAPE: shape } });
  try {
    const [ready] = await once(stub.child, 'message');
    const { port } = z.object({ port: z.number() }).parse(ready);
    const result = await use(port);
    stub.child.send('trace');
    const [trace] = await once(stub.child, 'message');
    return { result, trace: traceSchema.parse(trace) };
  } finally {
    await stopChild(stub, 1000);
  }
}

/** A plan of one stream at 200 requests/s for the stub on `port`. */
export function createStubPlan(
  port: number,
  times: Pick<LoadPlan, 'warmupMs' | 'measureMs'>,
): LoadPlan {
  return {
    port,
    openingPath: '/open',
    ...times,
    drainMs: 3000,
    blockMs: 500,
    streams: [
      {
        name: 'stub',
        method: 'GET',
        path: '/',
        connection: { kind: 'kept', connections: 64 },
        timeoutMs: 10_000,
        schedule,
      },
    ],
  };
}

/**
 * What the generator has to report, from the schedule and the stub's trace: each answer's time minus when its
 * request was meant to leave. The two clocks are aligned by {@link findOriginMs}.
 */
export function expectFigures({ warmupMs, measureMs }: LoadPlan, trace: Trace): Figures {
  const intendedMs = createSchedule(schedule, warmupMs + measureMs);
  if (intendedMs.length !== trace.arrivedMs.length) {
    throw new RangeError(`${trace.arrivedMs.length} of ${intendedMs.length} requests arrived`);
  }
  const originMs = findOriginMs(trace);
  const timesMs = trace.repliedMs.flatMap((repliedMs, index) => {
    const startMs = index * intervalMs;
    return startMs >= warmupMs ? repliedMs - originMs - startMs : [];
  });
  return toFigures(timesMs);
}

/**
 * The beginning of the run on the stub's clock, by the promptest request: it left on time and reached the stub at once,
 * give or take the fraction of a millisecond that takes.
 */
export function findOriginMs({ arrivedMs }: Trace): number {
  return Math.min(...arrivedMs.map((atMs, index) => atMs - index * intervalMs));
}

/** What the stub's delays alone would come to, were everything else instant. */
export function expectIdeally(shape: Shape, { warmupMs, measureMs }: LoadPlan): Figures {
  const timesMs = Array.from({ length: measureMs / intervalMs }, (_, index) => {
    if (shape === 'constant') return 20;
    if (shape === 'bimodal') return index % 10 === 9 ? 50 : 5;
    const leftMs = 2500 - (warmupMs + index * intervalMs);
    return leftMs > 0 && leftMs <= 1000 ? leftMs : 0;
  });
  return toFigures(timesMs);
}

/** Percentiles by the nearest rank, exactly. */
export function toFigures(timesMs: readonly number[]): Figures {
  const sorted = timesMs.toSorted((a, b) => a - b);
  const at = (percentile: number) =>
    sorted[Math.ceil((percentile / 100) * sorted.length) - 1] ?? Number.NaN;
  return { p50Ms: at(50), p95Ms: at(95), p99Ms: at(99) };
}
