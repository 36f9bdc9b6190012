import { judgeProbe } from '../analysis/knee-probe.ts';
import { countProbesLeft, nextProbe, type Probe } from '../analysis/knee-search.ts';
import { readLabVersion } from '../generator/version.ts';
import type { LabContext } from '../lab-context.ts';
import type { ExperimentPlan } from '../result/experiment-plan.ts';
import { readEnvironment } from '../result/read-environment.ts';
import {
  type Calibration,
  type LabResult,
  type RunResult,
  schemaVersion,
} from '../result/result.ts';
import { findProjectRoot } from '../target/server-entry.ts';
import { calibrate } from './calibrate.ts';
import { executeRun } from './execute-run.ts';
import {
  createProbeRun,
  createSearches,
  createSearchSpace,
  guessServer,
  type KneeSettings,
  type SearchPlan,
} from './knee-plan.ts';

/** Half of the runs fail on average, and those are repeated. */
const probesPerSearch = 7;

interface Search {
  readonly lab: LabContext;
  readonly plan: ExperimentPlan;
  readonly settings: KneeSettings;
  readonly calibration: Calibration;
  readonly cores: number;
  /** All runs so far; a search adds its own. */
  readonly runs: RunResult[];
  readonly startedMs: number;
}

/**
 * Searches for the highest compute load each target of `base` carries; its runs are replaced by those the
 * searches come to. Stopped by the user it resolves all the same, with the runs made so far and marked as
 * incomplete. Rejects when a run cannot be made, or when there is nothing to keep.
 */
export async function runKnee(
  lab: LabContext,
  base: ExperimentPlan,
  settings: KneeSettings,
): Promise<LabResult> {
  const createdAt = lab.date().toISOString();
  const projectRoot = findProjectRoot();
  const environment = readEnvironment(projectRoot);
  lab.progress(`calibrating: one call at a time, ${base.calibration.target} otherwise idle`);
  const calibration = await calibrate(lab, base);
  lab.progress(`one call takes ${calibration.serviceTimeMs.toFixed(2)} ms of a thread`);

  const runs: RunResult[] = [];
  const cores = environment.availableParallelism;
  const startedMs = lab.nowMs();
  const search = { lab, plan: base, settings, calibration, cores, runs, startedMs };
  const searches = createSearches(base, settings);
  let complete = false;
  try {
    for (const [position, searchPlan] of searches.entries()) {
      await runSearch(search, searchPlan, searches.length - 1 - position);
    }
    complete = true;
  } catch (error) {
    if (!lab.signal.aborted || runs.length === 0) throw error;
  }
  return {
    schemaVersion,
    experiment: 'knee',
    generator: { tool: 'offload-lab', version: readLabVersion(projectRoot) },
    complete,
    createdAt,
    environment,
    plan: { ...base, runs: runs.map(({ plan }) => plan) },
    calibration,
    runs,
    discarded: [],
  };
}

async function runSearch(
  search: Search,
  searchPlan: SearchPlan,
  searchesAfter: number,
): Promise<void> {
  const { lab, plan, settings, calibration, cores, runs } = search;
  const { serviceTimeMs } = calibration;
  const { target, repetition } = searchPlan;
  const history: Probe[] = [];
  let server = guessServer(target, cores);
  for (;;) {
    const space = createSearchSpace(settings, server, cores, serviceTimeMs);
    const load = nextProbe(history, space);
    if (load === undefined) return;
    const probesLeft = countProbesLeft(history, space) + searchesAfter * probesPerSearch;
    lab.progress(
      `${target.name}, search ${repetition} of ${settings.bisections}: compute load ${load.toFixed(3)}; ` +
        `about ${estimateLeftSec(search, probesLeft)} s left`,
    );
    const runPlan = createProbeRun(settings, searchPlan, history.length + 1, load, serviceTimeMs);
    const run = await executeRun(lab, plan, runPlan, calibration);
    runs.push(run);
    server = run.server;
    history.push(judgeProbe(run, plan.sloP99Ms));
  }
}

function estimateLeftSec(search: Search, probesLeft: number): number {
  const { lab, runs, startedMs, settings } = search;
  const perProbeMs =
    runs.length === 0
      ? settings.warmupMs + settings.measureMs + settings.drainMs
      : (lab.nowMs() - startedMs) / runs.length;
  return Math.ceil((probesLeft * perProbeMs) / 1000);
}
