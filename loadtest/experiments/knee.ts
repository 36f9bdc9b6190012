import { readProbe } from '../analysis/knee.ts';
import { countRunsLeft, nextProbe, type Probe, probesAt } from '../analysis/knee-search.ts';
import { readLabVersion } from '../generator/version.ts';
import type { LabContext } from '../lab-context.ts';
import type { ExperimentPlan, RunPlan } from '../result/experiment-plan.ts';
import { readEnvironment } from '../result/read-environment.ts';
import {
  type Calibration,
  type LabResult,
  type RunResult,
  schemaVersion,
} from '../result/result.ts';
import { findProjectRoot } from '../target/server-entry.ts';
import { calibrate, calibrateAgain } from './calibrate.ts';
import { executeRun } from './execute-run.ts';
import {
  createProbeRun,
  createSearchSpace,
  guessServer,
  type KneeSettings,
  widenWindows,
} from './knee-plan.ts';
import { createEstimate } from './time-estimate.ts';

/** The search for one target's knee. */
interface Search {
  readonly target: string;
  readonly history: Probe[];
  /** What the target says of itself; a guess until it has run. */
  server: Pick<RunResult['server'], 'mode' | 'threads'>;
}

/** A run that is to be made next, and how many more there may be, it included. */
interface Step {
  readonly search: Search;
  readonly run: RunPlan;
  readonly runsLeft: number;
}

/**
 * Searches for the highest compute load each target of `base` carries; its runs are replaced by those the
 * searches come to. Stopped by the user it resolves all the same, with the runs made so far and marked as
 * incomplete. Rejects when a run cannot be made, or when there is nothing to keep.
 */
export async function runKnee(
  lab: LabContext,
  base: ExperimentPlan,
  chosen: KneeSettings,
): Promise<LabResult> {
  const settings = widenWindows(chosen, base);
  const createdAt = lab.date().toISOString();
  const projectRoot = findProjectRoot();
  const environment = readEnvironment(projectRoot);
  lab.progress(`calibrating: one call at a time, ${base.calibration.target} otherwise idle`);
  const calibration = await calibrate(lab, base);
  lab.progress(`one call takes ${calibration.serviceTimeMs.toFixed(2)} ms of a thread`);

  const cores = environment.availableParallelism;
  const searches = base.targets.map(
    (target): Search => ({
      target: target.name,
      history: [],
      server: guessServer(target, cores),
    }),
  );
  const estimate = createEstimate(lab);
  const runs: RunResult[] = [];
  let atEnd: Calibration['atEnd'] = null;
  let complete = false;
  try {
    for (;;) {
      const steps = listSteps(searches, settings, cores, calibration);
      const [step] = steps;
      if (step === undefined) break;
      const { search, run } = step;
      const left = steps.flatMap(({ run, runsLeft }) => Array<RunPlan>(runsLeft).fill(run));
      const leftSec = estimate.leftSec(
        runs.map(({ plan }) => plan),
        left,
      );
      lab.progress(
        `${search.target}: compute load ${run.offeredLoad.toFixed(3)}, run ${run.repetition}; about ${leftSec} s left`,
      );
      const result = await executeRun(lab, base, run, calibration);
      runs.push(result);
      search.server = result.server;
      search.history.push(readProbe(result, base.sloP99Ms));
    }
    atEnd = await calibrateAgain(lab, base);
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
    calibration: { ...calibration, atEnd },
    runs,
    discarded: [],
  };
}

/** What the searches that go on want to run, first what has had the fewest runs: so what drifts with time favours no target. */
function listSteps(
  searches: readonly Search[],
  settings: KneeSettings,
  cores: number,
  { serviceTimeMs }: Calibration,
): Step[] {
  const steps = searches.flatMap((search): Step[] => {
    const { target, history, server } = search;
    const space = createSearchSpace(settings, server, cores, serviceTimeMs);
    const load = nextProbe(history, space);
    if (load === undefined) return [];
    const repetition = probesAt(history, load).length + 1;
    return [
      {
        search,
        run: createProbeRun(settings, target, load, repetition, serviceTimeMs),
        runsLeft: Math.max(1, countRunsLeft(history, space)),
      },
    ];
  });
  return steps.sort((a, b) => a.search.history.length - b.search.history.length);
}
