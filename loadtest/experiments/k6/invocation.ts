import { join } from 'node:path';
import type { StreamPlan } from '../../generator/load-plan.ts';
import { readArrivalRatePerSec } from '../../generator/schedule.ts';
import type { RunPlan } from '../../result/experiment-plan.ts';
import { findProjectRoot } from '../../target/server-entry.ts';
import { systemTags } from './sample-row.ts';

/** Which of the scripts in `loadtest/k6/`. */
export type K6Script = 'baseline' | 'mixed';

/** What is the same for all runs of an experiment. */
export interface K6Choice {
  readonly script: K6Script;
  /** What p99 of GET /users has to stay below for k6's own threshold to hold; undefined: no limit was stated. */
  readonly usersP99LimitMs: number | undefined;
  /** How many virtual users k6 may make for the mixed load; each of them takes memory and time to make. */
  readonly maxVirtualUsers: number;
}

/** The files k6 writes in a run. */
export interface K6Files {
  /** k6's configuration: an empty one, so that the user's own has no say. */
  readonly config: string;
  readonly samples: string;
  readonly summary: string;
  readonly dashboard: string;
}

/**
 * What answers may take, in any case, before k6 runs out of virtual users. They take turns, each on a kept connection
 * of its own, so a warm-up of this length is what it takes to open them all.
 */
const patienceMs = 1000;
/** From this load on a server may fall behind, and the longer it lasts the further. */
const critical = 0.8;

/** The arguments of one run of k6. */
export function toK6Arguments({ script }: K6Choice, files: K6Files): string[] {
  return [
    'run',
    '--quiet',
    '--no-color',
    '--log-format=raw',
    `--config=${files.config}`,
    `--system-tags=${systemTags.join(',')}`,
    '--out=csv',
    '--out=web-dashboard',
    join(findProjectRoot(), 'loadtest', 'k6', `${script}.ts`),
  ];
}

/** The environment of one run of k6, besides what every process needs. It keeps k6 from any host but this one. */
export function toK6Environment(
  choice: K6Choice,
  files: K6Files,
  run: RunPlan,
  streams: readonly StreamPlan[],
  port: number,
): Record<string, string> {
  return {
    K6_NO_USAGE_REPORT: 'true',
    K6_AUTO_EXTENSION_RESOLUTION: 'false',
    K6_CSV_FILENAME: files.samples,
    // The finest a double holds exactly.
    K6_CSV_TIME_FORMAT: 'unix_micro',
    K6_WEB_DASHBOARD_EXPORT: files.dashboard,
    K6_WEB_DASHBOARD_PERIOD: '1s',
    K6_WEB_DASHBOARD_HOST: '127.0.0.1',
    // It listens whatever one says: -1, which is documented not to, takes a free port on every interface.
    K6_WEB_DASHBOARD_PORT: '0',
    SUMMARY_PATH: files.summary,
    BASE_URL: `http://127.0.0.1:${port}`,
    DURATION: `${run.measureMs}ms`,
    WARMUP: `${run.warmupMs}ms`,
    REQUEST_TIMEOUT: `${Math.max(...streams.map(({ timeoutMs }) => timeoutMs))}ms`,
    USERS_P99: `${choice.usersP99LimitMs ?? 'none'}`,
    ...(choice.script === 'baseline' ? { VUS: `${run.offeredLoad}` } : toMix(choice, run, streams)),
  };
}

function toMix(
  { maxVirtualUsers }: K6Choice,
  run: RunPlan,
  streams: readonly StreamPlan[],
): Record<string, string> {
  const perSec = (stream: string) =>
    streams.flatMap(({ name, schedule }) =>
      name === stream ? (readArrivalRatePerSec(schedule) ?? 0) : [],
    )[0] ?? 0;
  const names = ['users', 'newcomers', 'create', 'health', 'compute'];
  const totalPerSec = names.reduce((sum, name) => sum + perSec(name), 0);
  const behindMs = Math.max(0, run.offeredLoad - critical) * (run.warmupMs + run.measureMs);
  const affordableMs = (1000 * maxVirtualUsers) / totalPerSec;
  return {
    ...Object.fromEntries(names.map((name) => [`${name.toUpperCase()}_RATE`, `${perSec(name)}`])),
    LONGEST_ANSWER: `${Math.min(patienceMs + behindMs, affordableMs).toFixed(3)}ms`,
    // Only limits the user has stated count.
    ...{ NEWCOMERS_P99: 'none', CREATE_P99: 'none', HEALTH_P99: 'none', COMPUTE_P99: 'none' },
  };
}
