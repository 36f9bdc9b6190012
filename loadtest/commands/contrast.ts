import { checkAssertions } from '../analysis/assertions.ts';
import { createAaPlan, createContrastPlan } from '../experiments/contrast-plan.ts';
import { executePlan } from '../experiments/execute-plan.ts';
import { measureOverhead } from '../experiments/overhead.ts';
import type { LabContext } from '../lab-context.ts';
import type { LabResult } from '../result/result.ts';
import { type ContrastOptions, toContrastSettings } from './contrast-options.ts';
import { deliver } from './deliver.ts';

/** `lab contrast`: measures, saves, prints; resolves with the exit code. */
export async function contrast(lab: LabContext, options: ContrastOptions): Promise<number> {
  const settings = toContrastSettings(options);
  const plan =
    options.aa === undefined ? createContrastPlan(settings) : createAaPlan(settings, options.aa);
  checkAssertions(options.assert ?? [], { plan });
  const result = await executePlan(lab, options.aa === undefined ? 'contrast' : 'aa', plan);
  const isWhole = result.complete && options.aa === undefined && !options.quick;
  return await deliver(lab, isWhole ? await withOverhead(lab, result) : result, options);
}

async function withOverhead(lab: LabContext, result: LabResult): Promise<LabResult> {
  lab.progress('measuring what handing a task to the pool costs; about 5 s left');
  try {
    return { ...result, overhead: await measureOverhead(lab, result.plan) };
  } catch (error) {
    // Stopped by the user: what came before is worth keeping.
    if (lab.signal.aborted) return { ...result, complete: false };
    throw error;
  }
}
