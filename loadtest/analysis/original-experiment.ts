/** One test of the experiment this project began with, from the summary that k6 printed. */
export interface OriginalTest {
  readonly virtualUsers: number;
  /** k6's `http_reqs`. */
  readonly requests: number;
  /** k6's `http_req_failed`; all of them connections that were refused. */
  readonly failed: number;
  readonly requestsPerSec: number;
  /** Mean of k6's `http_req_duration`, in which a request that was refused counts as 0 s. */
  readonly avgMs: number;
  readonly p95Ms: number;
}

/** How long each of the original's tests lasted. */
export const originalDurationMs = 30_000;

/** How long its virtual users slept between an answer and the next request. */
export const originalThinkTimeMs = 1000;

/**
 * The original's three tests: k6 on Windows, whose virtual users asked for `GET /users` and slept for a second, against
 * one Express server, Node 18 in a container. Source: the write-up "01 - Single Backend Server", its section on results.
 */
export const originalTests: readonly OriginalTest[] = [
  {
    virtualUsers: 50,
    requests: 1500,
    failed: 0,
    requestsPerSec: 49.609353,
    avgMs: 6.25,
    p95Ms: 15.67,
  },
  {
    virtualUsers: 100,
    requests: 3000,
    failed: 0,
    requestsPerSec: 99.072152,
    avgMs: 6.52,
    p95Ms: 15.35,
  },
  {
    virtualUsers: 300,
    requests: 9000,
    failed: 95,
    requestsPerSec: 296.754761,
    avgMs: 7.45,
    p95Ms: 15.15,
  },
];
