import type { Command } from 'commander';
import { checkAssertions } from '../analysis/assertions.ts';
import { createContrastPlan } from '../experiments/contrast-plan.ts';
import { countConnections } from '../experiments/count-connections.ts';
import { runKnee } from '../experiments/knee.ts';
import { defaultKneeSettings } from '../experiments/knee-plan.ts';
import { withOverhead } from '../experiments/overhead.ts';
import type { LabContext } from '../lab-context.ts';
import { checkOpenFileLimit } from '../process/open-file-limit.ts';
import { addServerOptions, type ServerOptions, toContrastSettings } from './contrast-options.ts';
import { deliver } from './deliver.ts';
import type { OutputOptions } from './output-options.ts';

/** What commander hands over for `knee`. */
export interface KneeOptions extends OutputOptions, ServerOptions {}

/** Gives a command the options of the search for the knee. */
export function addKneeOptions(command: Command): Command {
  return addServerOptions(
    command.description(
      'the highest compute load each mode carries while GET /users stays below the SLO',
    ),
  );
}

/** `lab knee`: searches, saves, prints; resolves with the exit code. */
export async function knee(lab: LabContext, options: KneeOptions): Promise<number> {
  const plan = createContrastPlan(toContrastSettings(options, lab.drawSeed));
  checkOpenFileLimit(countConnections(plan), '--rate-users');
  checkAssertions(options.assert ?? [], { plan, experiment: 'knee' });
  const result = await runKnee(lab, plan, defaultKneeSettings);
  return await deliver(lab, result.complete ? await withOverhead(lab, result) : result, options);
}
