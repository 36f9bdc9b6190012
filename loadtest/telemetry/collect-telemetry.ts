import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { z } from 'zod';
import { type TelemetryPoint, telemetryPointSchema } from '../result/telemetry.ts';

// The server keeps a minute of samples; asking more often than that loses none, and disturbs little.
const pollIntervalMs = 20_000;
const answerTimeoutMs = 5000;

const answerSchema = z.object({
  samples: z.array(
    telemetryPointSchema
      .omit({ atMs: true })
      .extend({ sequence: z.number().int(), timeMs: z.number() }),
  ),
});

/** Samples with the wall clock's time on them. */
export type RawSample = z.infer<typeof answerSchema>['samples'][number];

/** Collects a server's telemetry while something else happens. */
export interface TelemetryCollector {
  /** Fetches the last samples and resolves with all of them, in order of time. */
  finish(): Promise<RawSample[]>;
}

/** Starts to collect from an admin listener. Rejects, in `finish`, when it does not answer or answers something else. */
export function collectTelemetry(adminPort: number): TelemetryCollector {
  const samples: RawSample[] = [];
  const stop = new AbortController();
  const fetchNew = async () => {
    const since = samples.at(-1)?.sequence ?? 0;
    const { body } = await request(`http://127.0.0.1:${adminPort}/telemetry?since=${since}`, {
      headersTimeout: answerTimeoutMs,
    });
    samples.push(...answerSchema.parse(await body.json()).samples);
  };
  const polling = (async () => {
    while (!stop.signal.aborted) {
      // Without a hold on the process: a run that was broken off calls no finish, and nobody should have to wait.
      await delay(pollIntervalMs, undefined, { signal: stop.signal, ref: false });
      await fetchNew();
    }
  })().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  // Heard of in finish; until then it is no unhandled rejection.
  polling.catch(() => {});
  return {
    async finish() {
      stop.abort();
      await polling;
      await fetchNew();
      return samples;
    },
  };
}

/** The samples of a run, on the time axis of its measured window. */
export function alignTelemetry(
  samples: readonly RawSample[],
  windowStartEpochMs: number,
): TelemetryPoint[] {
  return samples.map(({ sequence: _, timeMs, ...point }) => ({
    atMs: Math.round(timeMs - windowStartEpochMs),
    ...point,
  }));
}
