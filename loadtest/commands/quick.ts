import { runQuick } from '../experiments/quick.ts';
import { createQuickPlan } from '../experiments/quick-plan.ts';
import type { LabContext } from '../lab-context.ts';
import { checkOpenFileLimit } from '../process/open-file-limit.ts';
import { renderQuick } from '../report/quick-table.ts';
import { quickResultSchema } from '../result/quick-result.ts';
import { type QuickOptions, toQuickSettings } from './quick-options.ts';

/** `lab quick`: loads, prints; resolves with the exit code. */
export async function quick(lab: LabContext, options: QuickOptions): Promise<number> {
  const plan = createQuickPlan(toQuickSettings(options));
  const { users, health } = plan.connections;
  checkOpenFileLimit(users + health + plan.pressingConnections, '--connections or --pressing');
  const result = await runQuick(lab, plan);
  lab.print(
    options.json
      ? `${JSON.stringify(quickResultSchema.parse(result))}\n`
      : `\n${renderQuick(result)}`,
  );
  const phases = result.runs.flatMap((run) => run.phases);
  return phases.every(({ invalidReasons }) => invalidReasons.length === 0) ? 0 : 3;
}
