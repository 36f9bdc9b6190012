import type { ExperimentPlan, StreamTemplate } from '../result/experiment-plan.ts';

/** What a user may choose about the first contrast. */
export interface ContrastSettings {
  readonly measureMs: number;
  readonly warmupMs: number;
  readonly drainMs: number;
  readonly usersPerSec: number;
  readonly healthPerSec: number;
  /** Compute load, as a multiple of what one thread can do. */
  readonly offeredLoad: number;
  /** The server's own settings, the same for both targets. */
  readonly targetSettings: Readonly<Record<string, string>>;
}

/** The defaults of {@link ContrastSettings}: both modes within 30 seconds. */
export const defaultContrastSettings: ContrastSettings = {
  measureMs: 5000,
  warmupMs: 1500,
  drainMs: 10_000,
  usersPerSec: 200,
  healthPerSec: 20,
  offeredLoad: 1.2,
  targetSettings: {},
};

/** Inline against pool under the same offered load, and the pool without compute load for comparison. */
export function createContrastPlan(settings: ContrastSettings): ExperimentPlan {
  const { measureMs, warmupMs, drainMs, offeredLoad } = settings;
  const times = { warmupMs, measureMs, drainMs, repetition: 1 };
  return {
    targets: [
      { name: 'inline', settings: { ...settings.targetSettings, COMPUTE_MODE: 'inline' } },
      { name: 'pool', settings: { ...settings.targetSettings, COMPUTE_MODE: 'pool' } },
    ],
    calibration: { target: 'pool', warmupCalls: 10, calls: 40, maxMs: 4000 },
    streams: createStreams(settings),
    blockMs: 500,
    sloP99Ms: 50,
    task: null,
    runs: [
      { ...times, id: 'pool-idle', target: 'pool', offeredLoad: 0 },
      { ...times, id: 'inline-loaded', target: 'inline', offeredLoad },
      { ...times, id: 'pool-loaded', target: 'pool', offeredLoad },
    ],
  };
}

function createStreams(settings: ContrastSettings): StreamTemplate[] {
  const timeoutMs = 30_000;
  return [
    {
      name: 'users',
      method: 'GET',
      path: '/users',
      connection: 'keep-alive',
      timeoutMs,
      arrivalRate: { kind: 'fixed', perSec: settings.usersPerSec },
    },
    {
      name: 'health',
      method: 'GET',
      path: '/health',
      connection: 'new',
      timeoutMs,
      arrivalRate: { kind: 'fixed', perSec: settings.healthPerSec },
    },
    {
      name: 'compute',
      method: 'GET',
      path: '/compute',
      connection: 'keep-alive',
      timeoutMs,
      arrivalRate: { kind: 'offered-load' },
    },
  ];
}
