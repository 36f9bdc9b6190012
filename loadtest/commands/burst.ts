import { runBurstExperiment } from '../experiments/burst.ts';
import type { LabContext } from '../lab-context.ts';
import { checkOpenFileLimit } from '../process/open-file-limit.ts';
import { renderBurst } from '../report/burst-table.ts';
import { burstResultSchema } from '../result/burst-result.ts';
import { writeResult } from '../result/write-result.ts';
import { type BurstOptions, toBurstSettings } from './burst-options.ts';

/**
 * `lab burst`: measures, saves, prints; resolves with the exit code: 3 when not all cases were made, or when the
 * client ran into limits of its own.
 */
export async function burst(lab: LabContext, options: BurstOptions): Promise<number> {
  const settings = toBurstSettings(options);
  checkOpenFileLimit(settings.connections, '--connections');
  const result = burstResultSchema.parse(await runBurstExperiment(lab, settings));
  const path = await writeResult(result, options.out, 'burst.json');
  lab.print(options.json ? `${JSON.stringify(result)}\n` : `\n${renderBurst(result)}`);
  lab.progress(`\nresult: ${path}`);
  return result.complete && result.cases.every(({ faults }) => faults.length === 0) ? 0 : 3;
}
