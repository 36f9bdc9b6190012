import { summarizeLevels } from '../analysis/levels.ts';
import { mayBeCached } from '../analysis/service-time.ts';
import { median, quantile } from '../analysis/statistics.ts';
import type { LabResult } from '../result/result.ts';
import { renderDuration, renderRate } from './units.ts';

/** A call that takes less or more than this many times the calibrated time is another call, or another machine. */
const worthNaming = 1.5;

/** What the figures were measured under, and what limited them, in a few lines. */
export function renderConditions(result: LabResult): string[] {
  const { calibration, environment, generator, runs } = result;
  const { serviceTimeMs, rounds } = calibration;
  const samplesMs = rounds.flatMap((round) => round.samplesMs);
  const counted = rounds.length === 1 ? 'one round' : `the fastest of ${rounds.length} rounds`;
  const threads = runs.findLast((run) => run.plan.target === calibration.target)?.server.threads;
  return [
    `One call of /compute takes ${renderDuration(serviceTimeMs)} of a thread ` +
      `(${counted}; middle half of all ${samplesMs.length} calls ${renderDuration(quantile(samplesMs, 0.25))} to ` +
      `${renderDuration(quantile(samplesMs, 0.75))}), so one thread can do ${renderRate(1000 / serviceTimeMs)} per second.`,
    ...describeCalls(result),
    `${threads === undefined ? '' : `Pool: ${threads} ${threads === 1 ? 'thread' : 'threads'}. `}Machine: ${environment.availableParallelism} usable cores, ` +
      `${environment.cpuModel}, Node ${environment.nodeVersion}, ${environment.platform} ${environment.kernelRelease}.`,
    ...describeRuns(result),
    ...(generator.tool === 'k6' ? [`Load generator: k6 ${generator.version}.`] : []),
    ...renderLimit(environment.availableParallelism, threads),
  ];
}

/** Whether the calls in the windows were those that were calibrated. */
export function describeCalls(result: LabResult): string[] {
  const { calibration } = result;
  const { serviceTimeMs, atEnd, rounds } = calibration;
  const inWindows = summarizeLevels(result).flatMap(({ target, offeredLoad, streams }) => {
    const ms = streams.find(({ name }) => name === 'compute')?.taskTime?.p50Ms;
    return ms === undefined ? [] : { target, offeredLoad, ms };
  });
  const others = inWindows.filter(
    ({ ms }) => ms > serviceTimeMs * worthNaming || ms < serviceTimeMs / worthNaming,
  );
  const endMs = atEnd === null ? undefined : median(atEnd.samplesMs);
  return [
    ...(inWindows.length === 0
      ? []
      : [
          `In the windows half of the calls took up to ${inWindows
            .map(
              ({ target, offeredLoad, ms }) =>
                `${renderDuration(ms)} on ${target} at ${offeredLoad}`,
            )
            .join(
              ', ',
            )}${endMs === undefined ? '' : `; calibrated again at the end: ${renderDuration(endMs)}`}.`,
        ]),
    ...(others.length === 0
      ? []
      : [
          `Mind: that is not what was calibrated (${renderDuration(serviceTimeMs)}): calls waited for a core, inputs differ, or the task remembers what it did. The load was another one than stated.`,
        ]),
    ...(mayBeCached(calibration)
      ? [
          `Mind: the first call of each process took ${renderDuration(Math.min(...rounds.map(({ firstMs }) => firstMs)))}, later ones with the same input far less. ` +
            'If the task remembers its inputs, this measures its memory: give different ones with --inputs.',
        ]
      : []),
  ];
}

/** How often and for how long each load was measured, and on which connections. */
export function describeRuns({ plan, runs, generator }: LabResult): string[] {
  if (runs.length === 0) return [];
  const levels = [...new Set(runs.map((run) => run.plan.offeredLoad))].sort((a, b) => a - b);
  const parts = levels.map((load) => {
    const ofLevel = runs.filter((run) => run.plan.offeredLoad === load);
    const rounds = new Set(ofLevel.map((run) => run.plan.repetition)).size;
    const windowMs = Math.max(...ofLevel.map((run) => run.plan.measureMs));
    return `${rounds} × ${windowMs / 1000} s at ${load}`;
  });
  const kept = plan.streams.flatMap(({ name, connection }) =>
    connection.kind === 'kept' ? `${connection.connections} ${name}` : [],
  );
  return [
    `Rounds and windows: ${parts.join(', ')}; ${(runs[0]?.plan.warmupMs ?? 0) / 1000} s of warm-up, a fresh server process for each of ${runs.length} runs.` +
      `${plan.loadUnit === 'threads' ? ` Arrivals: --seed ${plan.seed}.` : ''}`,
    ...(kept.length === 0
      ? []
      : [
          generator.tool === 'k6'
            ? 'Kept connections: one for each of k6’s virtual users, opened by its first request; they take turns.'
            : `Kept connections, opened and answered once before: ${kept.join(', ')}.`,
        ]),
  ];
}

function renderLimit(cores: number, threads: number | undefined): string[] {
  if (threads === undefined) return [];
  const busy = threads + 2;
  const sharing =
    busy > cores
      ? `shared ${cores} ${cores === 1 ? 'core' : 'cores'}: times include waiting for a core, and how much compute the pool got done is a figure of this machine.`
      : `had a core each.`;
  return [
    `What limited it: load generator, event loop and ${threads} pool ${threads === 1 ? 'thread' : 'threads'} ${sharing}`,
  ];
}
