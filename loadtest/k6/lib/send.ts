import exec from 'k6/execution';
import http, { type RefinedResponse } from 'k6/http';
import { Counter, Gauge, Trend } from 'k6/metrics';
import type { Endpoint } from './endpoints.ts';
import { baseUrl, requestTimeoutMs } from './settings.ts';

/**
 * Milliseconds from the beginning of the request to its last byte, the wait for a connection included, which k6's
 * own `http_req_duration` leaves out. A request that timed out counts at its timeout; one that failed does not count.
 */
const responseTime = new Trend('response_time', true);
/** Requests that failed, by k6's `error_code` and, where the server said it, by its `code`. */
const failures = new Counter('failures');
/** When a scenario began, in milliseconds since 1970. */
const scenarioStart = new Gauge('scenario_start');

const requestTimeoutCode = 1050;
const dialTimeoutCode = 1211;

// Nothing but the two statuses of success counts as one, and no answer leads k6 to another host.
http.setResponseCallback(http.expectedStatuses({ min: 200, max: 299 }));

/** Sends one request and records what came of it. The first `warmupMs` of a scenario are marked as another phase. */
export function send({ method, path, body, connection }: Endpoint, warmupMs: number): void {
  const { scenario, vu } = exec;
  if (scenario.iterationInTest === 0) scenarioStart.add(scenario.startTime);
  vu.metrics.tags.phase = Date.now() - scenario.startTime < warmupMs ? 'warmup' : 'window';
  const response = http.request(method, `${baseUrl}${path}`, body ?? null, {
    headers: {
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      // The only thing that opens a connection for each request of one scenario and leaves the others theirs:
      // noConnectionReuse and noVUConnectionReuse are for a whole test.
      ...(connection === 'new' && { Connection: 'close' }),
    },
    redirects: 0,
    timeout: requestTimeoutMs,
  });
  record(response);
}

function record(response: RefinedResponse<undefined>): void {
  const { status, error_code: errorCode, timings } = response;
  const tookMs = timings.blocked + timings.duration;
  if (status >= 200 && status < 300 && errorCode === 0) {
    responseTime.add(tookMs);
    return;
  }
  const code = readServerCode(response);
  failures.add(1, { error_code: `${errorCode || status}`, ...(code !== undefined && { code }) });
  if (errorCode === requestTimeoutCode || errorCode === dialTimeoutCode) {
    responseTime.add(Math.max(tookMs, requestTimeoutMs));
  }
}

/** The `code` of the server's JSON error, such as `QUEUE_FULL`. */
function readServerCode({ body }: RefinedResponse<undefined>): string | undefined {
  if (typeof body !== 'string') return undefined;
  return /"code"\s*:\s*"([A-Z][A-Z0-9_]{0,63})"/.exec(body)?.[1];
}
