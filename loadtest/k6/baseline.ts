// The load the project began with: virtual users who each get /users and then think for a second.
//
//   VUS=300 k6 run loadtest/k6/baseline.ts
//
// BASE_URL (http://127.0.0.1:9000), VUS (50), DURATION (30s), REQUEST_TIMEOUT (30s), SUMMARY_PATH (a table on stdout)
// USERS_P99 (none): a limit in ms
import { sleep } from 'k6';
import type { Options } from 'k6/options';
import { endpoints } from './lib/endpoints.ts';
import { send } from './lib/send.ts';
import { gracefulStop, readLimitMs, readMs, readNumber } from './lib/settings.ts';
import { type SummaryData, summarize, summaryTrendStats } from './lib/summary.ts';
import { createThresholds } from './lib/thresholds.ts';

const thinkTimeSec = 1;

export const options: Options = {
  scenarios: {
    users: {
      executor: 'constant-vus',
      vus: readNumber('VUS', 50, 1),
      duration: `${readMs('DURATION', '30s')}ms`,
      gracefulStop,
    },
  },
  thresholds: createThresholds([
    {
      scenario: 'users',
      p99Ms: readLimitMs('USERS_P99', undefined),
      failedRatio: 0,
      iterations: undefined,
    },
  ]),
  summaryTrendStats,
};

export default function (): void {
  send(endpoints.users, 0);
  sleep(thinkTimeSec);
}

export function handleSummary(data: SummaryData): Record<string, string> {
  return summarize(data, ['users']);
}
