import { checkAssertions } from '../analysis/assertions.ts';
import { chooseGenerator } from '../experiments/choose-generator.ts';
import { executePlan } from '../experiments/execute-plan.ts';
import { createSeedPlan } from '../experiments/seed-plan.ts';
import type { LabContext } from '../lab-context.ts';
import { checkOpenFileLimit, readOpenFileLimit } from '../process/open-file-limit.ts';
import { deliver } from './deliver.ts';
import { type SeedOptions, toSeedSettings } from './seed-options.ts';

/** `lab seed`: measures, saves, prints; resolves with the exit code. */
export async function seed(lab: LabContext, options: SeedOptions): Promise<number> {
  const settings = toSeedSettings(options);
  checkOpenFileLimit(Math.max(...settings.virtualUsers), readOpenFileLimit());
  const plan = createSeedPlan(settings);
  checkAssertions(options.assert ?? [], { experiment: 'seed', plan });
  const makeRun = chooseGenerator(options.generator, lab, plan);
  return await deliver(lab, await executePlan(lab, 'seed', plan, makeRun), options);
}
