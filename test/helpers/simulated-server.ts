import { createRandom } from '../../loadtest/generator/random.ts';
import type { TelemetryPoint } from '../../loadtest/result/telemetry.ts';

/** A request to a simulated server: when it was meant to leave and did, and what it asks of the event loop or the pool. */
export interface SimulatedRequest {
  readonly stream: string;
  readonly index: number;
  readonly intendedMs: number;
  readonly sentMs: number;
  readonly isCompute: boolean;
}

/** What became of it. */
export interface SimulatedAnswer {
  readonly request: SimulatedRequest;
  /** `null`: refused, the queue was full. */
  readonly endMs: number | null;
  readonly waitMs: number;
  /** What the call took; `null`: there was none. */
  readonly taskMs: number | null;
}

interface Settings {
  readonly mode: 'inline' | 'pool';
  readonly callMs: number;
  readonly seed: number;
}

const cheapMs = 0.3;
const threads = 2;
const queueMax = 20;

/** First come, first served: one event loop, and in pool mode two threads with a queue that is bounded. */
export function simulateServer(
  requests: readonly SimulatedRequest[],
  { mode, callMs, seed }: Settings,
): SimulatedAnswer[] {
  const random = createRandom(seed);
  // One process is a little faster than another.
  const pace = 0.97 + 0.06 * random();
  let loopFreeMs = 0;
  const threadFreeMs = Array.from({ length: threads }, () => 0);
  return requests.map((request) => {
    const arrivalMs = request.sentMs + 0.4;
    // Two cores for four busy threads: sometimes even a free event loop has to wait for one.
    const noiseMs = -Math.log(1 - random()) * (random() < 0.02 ? 3 : 0.3);
    const turnMs = loopFreeMs > arrivalMs ? loopFreeMs : arrivalMs + noiseMs;
    if (!request.isCompute) {
      loopFreeMs = turnMs + cheapMs * pace;
      return { request, endMs: loopFreeMs + 0.2, waitMs: 0, taskMs: null };
    }
    if (mode === 'inline') {
      const taskMs = callMs * pace * (0.95 + 0.1 * random());
      loopFreeMs = turnMs + taskMs;
      return { request, endMs: loopFreeMs + 0.2, waitMs: 0, taskMs };
    }
    loopFreeMs = turnMs + cheapMs * pace;
    const free = threadFreeMs.indexOf(Math.min(...threadFreeMs));
    const startMs = Math.max(loopFreeMs, threadFreeMs[free] ?? 0);
    const waitMs = startMs - loopFreeMs;
    if (waitMs > (queueMax * callMs) / threads) {
      return { request, endMs: null, waitMs, taskMs: null };
    }
    const taskMs = callMs * pace * (1.3 + 0.4 * random());
    threadFreeMs[free] = startMs + taskMs;
    return { request, endMs: startMs + taskMs + 0.5, waitMs, taskMs };
  });
}

/** Telemetry that fits the answers; the blocked event loop of a full inline server leaves gaps. */
export function simulateTelemetry(
  answers: readonly SimulatedAnswer[],
  { mode, callMs, seed }: Settings,
  window: { readonly startMs: number; readonly lengthMs: number },
): TelemetryPoint[] {
  const random = createRandom(seed + 1);
  const busyMsPerCall = mode === 'inline' ? callMs : 0.3;
  let cpuMs = 300;
  return Array.from({ length: Math.round((window.startMs + window.lengthMs) / 100) }, (_, step) => {
    const endMs = (step + 1) * 100;
    const waiting = answers.filter(
      ({ request, endMs: end, waitMs }) =>
        request.isCompute &&
        end !== null &&
        request.sentMs <= endMs &&
        request.sentMs + waitMs > endMs,
    );
    const ended = answers.filter(
      ({ endMs: end }) => end !== null && end > endMs - 100 && end <= endMs,
    );
    const calls = ended.filter(({ request }) => request.isCompute);
    const utilization = Math.min(1, (calls.length * busyMsPerCall + ended.length * cheapMs) / 100);
    cpuMs += Math.min(200, calls.length * callMs + ended.length * cheapMs);
    const isBlocked = mode === 'inline' && utilization > 0.95 && random() < 0.15;
    const delayMs =
      1 + random() + (mode === 'inline' && calls.length > 0 ? callMs * (1 + random()) : 0);
    return {
      atMs: endMs - window.startMs + 4 * random(),
      heartbeatAgeMs: isBlocked ? 100 + 80 * random() : delayMs * random(),
      cpuMs,
      mainThreadCpuMs: null,
      computeThreadsCpuMs: null,
      rssBytes: 80_000_000,
      acceptQueue: mode === 'inline' ? Math.floor(utilization ** 8 * 12 * random()) : 0,
      main: isBlocked
        ? null
        : {
            eventLoopDelayMs: { p99: delayMs, max: delayMs * 1.4 },
            eventLoopUtilization: utilization,
            requestsInFlight: ended.length,
            computeInFlight: Math.min(calls.length, threads),
            computeWaiting: mode === 'pool' ? waiting.length : 0,
            workers: [],
            connectionsTotal: 10,
            requestsTotal: ended.length,
            computeEnded: {
              outcomes: { OK: calls.length },
              queueWaitMaxMs:
                mode === 'inline' || calls.length === 0
                  ? null
                  : Math.max(...calls.map(({ waitMs }) => waitMs)),
              serviceTimeMaxMs: calls.length === 0 ? null : callMs,
            },
          },
    };
  });
}
