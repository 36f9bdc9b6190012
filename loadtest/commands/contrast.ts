import { checkAssertions } from '../analysis/assertions.ts';
import { createAaPlan, createContrastPlan } from '../experiments/contrast-plan.ts';
import { countConnections } from '../experiments/count-connections.ts';
import { executePlan } from '../experiments/execute-plan.ts';
import { withOverhead } from '../experiments/overhead.ts';
import type { LabContext } from '../lab-context.ts';
import { checkOpenFileLimit } from '../process/open-file-limit.ts';
import { type ContrastOptions, toContrastSettings } from './contrast-options.ts';
import { deliver } from './deliver.ts';

/** `lab contrast`: measures, saves, prints; resolves with the exit code. */
export async function contrast(lab: LabContext, options: ContrastOptions): Promise<number> {
  const settings = toContrastSettings(options);
  const plan =
    options.aa === undefined ? createContrastPlan(settings) : createAaPlan(settings, options.aa);
  checkOpenFileLimit(countConnections(plan), '--rate-users');
  const experiment = options.aa === undefined ? 'contrast' : 'aa';
  checkAssertions(options.assert ?? [], { plan, experiment });
  const result = await executePlan(lab, experiment, plan);
  const isWhole = result.complete && options.aa === undefined && !options.quick;
  return await deliver(lab, isWhole ? await withOverhead(lab, result) : result, options);
}
