/** Of all iterations of a scenario. Above it too much is missing, and what is missing are the worst. */
const maxDroppedRatio = 0.001;

/** What a scenario is judged by. */
export interface Limits {
  readonly scenario: string;
  /** What p99 of its response time has to stay below; undefined: it is only reported. */
  readonly p99Ms: number | undefined;
  /** Of its requests, at most. */
  readonly failedRatio: number;
  /** Iterations that are meant to start; undefined: virtual users have none that could be dropped. */
  readonly iterations: number | undefined;
}

/** The error codes whose failures the summary tells apart. */
export const namedErrorCodes = [1050, 1211, 1212, 1220, 1500, 1503, 1504] as const;

/** The name of a scenario's response times within the measured window. */
export function responseTimeOf(scenario: string): string {
  return `response_time{scenario:${scenario},phase:window}`;
}

/**
 * Thresholds for every scenario. k6 keeps a part of a metric for the summary only where a threshold names it, so
 * what is only reported gets one that always holds.
 */
export function createThresholds(scenarios: readonly Limits[]): Record<string, string[]> {
  const thresholds: Record<string, string[]> = {};
  for (const { scenario, p99Ms, failedRatio, iterations } of scenarios) {
    thresholds[responseTimeOf(scenario)] = [p99Ms === undefined ? 'max>=0' : `p(99)<${p99Ms}`];
    thresholds[`http_req_failed{scenario:${scenario}}`] = [`rate<=${failedRatio}`];
    thresholds[`http_reqs{scenario:${scenario}}`] = ['count>=0'];
    if (iterations !== undefined) {
      const most = Math.floor(iterations * maxDroppedRatio);
      thresholds[`dropped_iterations{scenario:${scenario}}`] = [`count<=${most}`];
    }
  }
  for (const code of namedErrorCodes) thresholds[`failures{error_code:${code}}`] = ['count>=0'];
  return thresholds;
}
