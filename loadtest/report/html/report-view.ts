import { findHighestSteadyLoad } from '../../analysis/headline.ts';
import { loadsOf, runsAt, summarizeLevels } from '../../analysis/levels.ts';
import type { ConnectionPolicy } from '../../generator/load-plan.ts';
import type { LoadUnit } from '../../result/experiment-plan.ts';
import type { LabResult } from '../../result/result.ts';
import { nameStream } from '../timing-lines.ts';

/** A kind of request, as the report names it. */
export interface StreamView {
  readonly name: string;
  readonly title: string;
  readonly connection: ConnectionPolicy;
  /** Sent by virtual users, each of whom waits for the answer. */
  readonly isClosedLoop: boolean;
}

/** What a result holds, in the order in which the report shows it. */
export interface ReportView {
  readonly result: LabResult;
  readonly targets: readonly string[];
  /** Ascending. */
  readonly loads: readonly number[];
  /** The highest load that every target keeps up with, or else was measured at. */
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
  const loads = loadsOf(runs);
  const shared = loads.filter((load) =>
    targets.every((target) => runsAt(runs, target, load).length > 0),
  );
  return {
    result,
    targets,
    loads,
    loadUnit: plan.loadUnit,
    shownLoad:
      findHighestSteadyLoad(summarizeLevels(result), targets) ?? shared.at(-1) ?? loads.at(-1) ?? 0,
    streams: plan.streams.map((stream) => ({
      name: stream.name,
      title: nameStream(stream),
      connection: stream.connection,
      isClosedLoop: stream.arrivalRate.kind === 'virtual-users',
    })),
    repetitions: Math.max(
      1,
      ...targets.flatMap((target) => loads.map((load) => runsAt(runs, target, load).length)),
    ),
  };
}
