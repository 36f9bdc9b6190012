import { checkAssertions } from '../analysis/assertions.ts';
import { chooseGenerator } from '../experiments/choose-generator.ts';
import { countConnections } from '../experiments/count-connections.ts';
import { executePlan } from '../experiments/execute-plan.ts';
import { createSeedPlan } from '../experiments/seed-plan.ts';
import type { LabContext } from '../lab-context.ts';
import { checkOpenFileLimit } from '../process/open-file-limit.ts';
import { deliver } from './deliver.ts';
import { deliverK6 } from './deliver-k6.ts';
import { type SeedOptions, toSeedSettings } from './seed-options.ts';

const experiment = 'seed';

/** `lab seed`: measures, saves, prints; resolves with the exit code. */
export async function seed(lab: LabContext, options: SeedOptions): Promise<number> {
  const settings = toSeedSettings(options);
  const mostVirtualUsers = Math.max(...settings.virtualUsers);
  const plan = createSeedPlan(settings);
  checkOpenFileLimit(countConnections(plan), '--vus');
  checkAssertions(options.assert ?? [], { experiment, plan });
  const generator = await chooseGenerator(lab, options.generator, mostVirtualUsers);
  if (generator === 'lab') {
    return await deliver(
      lab,
      await executePlan(lab, { experiment, createPlan: () => plan }),
      options,
    );
  }
  const choice = {
    script: 'baseline',
    usersP99LimitMs: undefined,
    maxVirtualUsers: Number.POSITIVE_INFINITY,
  } as const;
  return await deliverK6(lab, { experiment, plan, choice }, options);
}
