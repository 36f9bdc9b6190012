import { quantile } from '../analysis/statistics.ts';
import type { LabResult } from '../result/result.ts';
import { renderDuration, renderRate } from './units.ts';

/** What the figures were measured under, and what limited them, in a few lines. */
export function renderConditions({
  calibration,
  environment,
  generator,
  runs,
}: LabResult): string[] {
  const { serviceTimeMs, rounds } = calibration;
  const samplesMs = rounds.flatMap((round) => round.samplesMs);
  const counted = rounds.length === 1 ? 'one round' : `the fastest of ${rounds.length} rounds`;
  const threads = runs.findLast((run) => run.plan.target === calibration.target)?.server.threads;
  const longestMs = Math.max(...runs.map((run) => run.plan.measureMs));
  return [
    `One call of /compute takes ${renderDuration(serviceTimeMs)} of a thread ` +
      `(median of ${counted}; middle half of all ${samplesMs.length} calls ${renderDuration(quantile(samplesMs, 0.25))} to ` +
      `${renderDuration(quantile(samplesMs, 0.75))}), so one thread can do ${renderRate(1000 / serviceTimeMs)} per second.`,
    `${threads === undefined ? '' : `Pool: ${threads} ${threads === 1 ? 'thread' : 'threads'}. `}Machine: ${environment.availableParallelism} usable cores, ` +
      `${environment.cpuModel}, Node ${environment.nodeVersion}, ${environment.platform} ${environment.kernelRelease}.`,
    `Windows of up to ${longestMs / 1000} s after ${(runs[0]?.plan.warmupMs ?? 0) / 1000} s of warm-up, ` +
      `a fresh server process for each of ${runs.length} runs.${generator.tool === 'k6' ? ` Load generator: k6 ${generator.version}.` : ''}`,
    ...renderLimit(environment.availableParallelism, threads),
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
