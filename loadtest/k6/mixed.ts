// Five kinds of requests side by side, each leaving at its own constant rate whatever the server does with the others.
//
//   COMPUTE_RATE=70 k6 run loadtest/k6/mixed.ts
//
// BASE_URL (http://127.0.0.1:9000), DURATION (30s) after WARMUP (2s), REQUEST_TIMEOUT (30s), SUMMARY_PATH (a table on stdout)
// USERS_RATE (200), NEWCOMERS_RATE (40), CREATE_RATE (20), HEALTH_RATE (10), COMPUTE_RATE (40): per second; 0 leaves one
// out. USERS_P99 (50), NEWCOMERS_P99 (1000), CREATE_P99 (50), HEALTH_P99 (1000), COMPUTE_P99 (none): limits in ms, or none
// LONGEST_ANSWER (2s): how long answers may take before k6 runs out of virtual users and drops requests. They take
// turns, each on a kept connection of its own: WARMUP should not be shorter, so that all are open before the window.
import type { Options } from 'k6/options';
import { type EndpointName, endpoints } from './lib/endpoints.ts';
import { createArrivals } from './lib/scenarios.ts';
import { send } from './lib/send.ts';
import { readLimitMs, readMs, readNumber } from './lib/settings.ts';
import { type SummaryData, summarize, summaryTrendStats } from './lib/summary.ts';
import { createThresholds } from './lib/thresholds.ts';

const warmupMs = readMs('WARMUP', '2s');
const durationMs = warmupMs + readMs('DURATION', '30s');
const longestAnswerMs = readMs('LONGEST_ANSWER', '2s');

interface MixedLoad {
  readonly name: EndpointName;
  readonly perSec: number;
  readonly p99Ms: number | undefined;
  readonly failedRatio: number;
}

const all: MixedLoad[] = [
  {
    name: 'users',
    perSec: readNumber('USERS_RATE', 200, 0),
    p99Ms: readLimitMs('USERS_P99', 50),
    failedRatio: 0.01,
  },
  {
    name: 'newcomers',
    perSec: readNumber('NEWCOMERS_RATE', 40, 0),
    p99Ms: readLimitMs('NEWCOMERS_P99', 1000),
    failedRatio: 0.01,
  },
  {
    name: 'create',
    perSec: readNumber('CREATE_RATE', 20, 0),
    p99Ms: readLimitMs('CREATE_P99', 50),
    failedRatio: 0.01,
  },
  {
    name: 'health',
    perSec: readNumber('HEALTH_RATE', 10, 0),
    // What a container's probe waits by default.
    p99Ms: readLimitMs('HEALTH_P99', 1000),
    failedRatio: 0.01,
  },
  {
    name: 'compute',
    perSec: readNumber('COMPUTE_RATE', 40, 0),
    p99Ms: readLimitMs('COMPUTE_P99', undefined),
    // Refusing what is too much is what the server is for.
    failedRatio: 1,
  },
];
const loads = all.filter(({ perSec }) => perSec > 0);

export const options: Options = {
  scenarios: Object.fromEntries(
    loads.map((load) => [
      load.name,
      createArrivals(load, all.indexOf(load), durationMs, longestAnswerMs),
    ]),
  ),
  thresholds: createThresholds(
    loads.map(({ name, perSec, p99Ms, failedRatio }) => ({
      scenario: name,
      p99Ms,
      failedRatio,
      iterations: (perSec * durationMs) / 1000,
    })),
  ),
  summaryTrendStats,
};

export function users(): void {
  send(endpoints.users, warmupMs);
}

export function newcomers(): void {
  send(endpoints.newcomers, warmupMs);
}

export function create(): void {
  send(endpoints.create, warmupMs);
}

export function health(): void {
  send(endpoints.health, warmupMs);
}

export function compute(): void {
  send(endpoints.compute, warmupMs);
}

export function handleSummary(data: SummaryData): Record<string, string> {
  const names = loads.map(({ name }) => name);
  return summarize(data, names);
}
