import type { RunResult } from '../result/result.ts';
import type { StreamResult } from '../result/stream-result.ts';

/** The streams of several runs of the same plan as one: every stream with the blocks of all its runs. */
export function mergeRuns(runs: readonly Pick<RunResult, 'streams'>[]): StreamResult[] {
  const byName = new Map<string, StreamResult>();
  for (const stream of runs.flatMap(({ streams }) => streams)) {
    const merged = byName.get(stream.plan.name);
    byName.set(stream.plan.name, {
      plan: merged?.plan ?? stream.plan,
      blocks: [...(merged?.blocks ?? []), ...stream.blocks],
    });
  }
  return [...byName.values()];
}
