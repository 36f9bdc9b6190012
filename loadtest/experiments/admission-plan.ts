import type { ExperimentPlan } from '../result/experiment-plan.ts';
import { planCalibration } from './calibration-plan.ts';
import { defaultContrastSettings } from './contrast-plan.ts';
import { checkRequestCount, createModeTargets, type ModeChoice } from './mode-plan.ts';
import { countRepeatable } from './repeatable-rounds.ts';
import { createRounds } from './rounds.ts';

/** What a user may choose about the admission of newcomers. */
export interface AdmissionSettings {
  readonly mode: ModeChoice;
  /** Numbers of busy clients, a run each. */
  readonly clients: readonly number[];
  /** New connections. */
  readonly newcomersPerSec: number;
  readonly measureMs: number;
  /** The server's own settings, the same for both modes. */
  readonly targetSettings: Readonly<Record<string, string>>;
}

/** The defaults of {@link AdmissionSettings}: both modes in a minute and a half. */
export const defaultAdmissionSettings: AdmissionSettings = {
  mode: 'both',
  clients: [10, 20, 50],
  newcomersPerSec: 20,
  measureMs: 10_000,
  targetSettings: {},
};

/** The busy clients are at work by then. */
const warmupMs = 1000;
/** Who has no answer this long after the last newcomer came counts as never answered. */
const drainMs = 2000;

/**
 * What busy clients pause for between an answer and the next request. None at all would be their nature, but the pool
 * refuses at once whom its queue has no room for: such a client would do nothing but ask again, a thousand times a
 * second. Inline it changes nothing: that long, and longer, the loop is busy with the others.
 */
export const busyClientPauseMs = 20;

/** How long a request may take before it is given up: longer than a run of the default length. */
const timeoutMs = 30_000;

/** Newcomers, each on a connection of its own, on a server whose clients keep it busy computing. */
export function createAdmissionPlan(settings: AdmissionSettings, seed: number): ExperimentPlan {
  const { mode, clients, newcomersPerSec, measureMs, targetSettings } = settings;
  const totalMs = warmupMs + measureMs + drainMs;
  checkRequestCount(Math.max(...clients), busyClientPauseMs, totalMs);
  const targets = createModeTargets(mode, targetSettings);
  const levels = clients.map((offeredLoad) => ({ offeredLoad, rounds: 1, measureMs }));
  const runs = createRounds(levels, targets, { warmupMs, drainMs });
  return {
    targets,
    seed,
    openingPath: '/health',
    loadUnit: 'virtual users',
    calibration: planCalibration(targets.at(-1)?.name ?? ''),
    streams: [
      {
        name: 'newcomers',
        method: 'GET',
        path: '/health',
        connection: { kind: 'new' },
        timeoutMs,
        arrivals: 'constant',
        arrivalRate: { kind: 'fixed', perSec: newcomersPerSec },
      },
      {
        name: 'compute',
        method: 'GET',
        path: '/compute',
        connection: { kind: 'on-demand' },
        timeoutMs,
        arrivals: 'constant',
        // In the background: a loop that is free again after the window would let everybody in who waits.
        arrivalRate: {
          kind: 'virtual-users',
          thinkTimeMs: busyClientPauseMs,
          isBackground: true,
        },
      },
    ],
    blockMs: 500,
    sloP99Ms: defaultContrastSettings.sloP99Ms,
    task: null,
    runs,
    maxRepeatedRounds: countRepeatable(runs),
  };
}
