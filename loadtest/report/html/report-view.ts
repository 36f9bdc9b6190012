import type { LoadUnit } from '../../result/experiment-plan.ts';
import type { LabResult, RunResult } from '../../result/result.ts';

/** A kind of request, as the report names it. */
export interface StreamView {
  readonly name: string;
  readonly title: string;
  readonly connection: 'keep-alive' | 'new';
  /** Sent by virtual users, each of whom waits for the answer. */
  readonly isClosedLoop: boolean;
  /** Whether the plan's SLO speaks of it. */
  readonly hasSlo: boolean;
}

/** What a result holds, in the order in which the report shows it. */
export interface ReportView {
  readonly result: LabResult;
  readonly targets: readonly string[];
  /** Ascending. */
  readonly loads: readonly number[];
  /** The highest load that every target was measured at. */
  readonly shownLoad: number;
  /** What a load counts. */
  readonly loadUnit: LoadUnit;
  readonly streams: readonly StreamView[];
  /** The most runs of one target at one load. */
  readonly repetitions: number;
}

/** Looks a result over. */
export function viewResult(result: LabResult): ReportView {
  const { plan, runs } = result;
  const targets = plan.targets.map(({ name }) => name);
  const loads = [...new Set(runs.map((run) => run.plan.offeredLoad))].sort((a, b) => a - b);
  const shared = loads.filter((load) =>
    targets.every((target) => runsAt(runs, target, load).length > 0),
  );
  return {
    result,
    targets,
    loads,
    loadUnit: plan.loadUnit,
    shownLoad: shared.at(-1) ?? loads.at(-1) ?? 0,
    streams: plan.streams.map(({ name, method, path, connection, arrivalRate }) => ({
      name,
      title: `${method} ${path}`,
      connection,
      isClosedLoop: arrivalRate.kind === 'virtual-users',
      hasSlo: name === 'users',
    })),
    repetitions: Math.max(
      1,
      ...targets.flatMap((target) => loads.map((load) => runsAt(runs, target, load).length)),
    ),
  };
}

/** The runs of one target at one load, one for each repetition. */
export function runsAt(runs: readonly RunResult[], target: string, load: number): RunResult[] {
  return runs.filter(({ plan }) => plan.target === target && plan.offeredLoad === load);
}
