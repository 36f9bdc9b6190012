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
  const { aa } = options;
  const settings = toContrastSettings(options, lab.drawSeed);
  const experiment = aa === undefined ? 'contrast' : 'aa';
  const createPlan = (serviceTimeMs?: number) => {
    const plan =
      aa === undefined
        ? createContrastPlan(settings, serviceTimeMs)
        : createAaPlan(settings, aa, serviceTimeMs);
    // A slow task has other loads and windows than the one that is assumed at first.
    checkOpenFileLimit(countConnections(plan), '--rate-users');
    checkAssertions(options.assert ?? [], { plan, experiment });
    return plan;
  };
  const result = await executePlan(lab, { experiment, createPlan });
  // Of a task that is too short to be put under load it is the whole answer.
  const isTooShort = result.plan.runs.length === 0;
  const isWanted = result.complete && aa === undefined && (isTooShort || !options.quick);
  return await deliver(lab, isWanted ? await withOverhead(lab, result) : result, options);
}
