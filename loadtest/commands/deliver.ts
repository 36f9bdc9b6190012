import { isValid } from '../analysis/validity.ts';
import type { LabContext } from '../lab-context.ts';
import type { LabResult } from '../result/result.ts';
import { writeResult } from '../result/write-result.ts';
import type { OutputOptions } from './output-options.ts';

/**
 * Saves a result, prints it, and returns the exit code it calls for: 0, or 3 when it cannot be trusted.
 * @param render the result for the terminal
 */
export async function deliver(
  lab: LabContext,
  result: LabResult,
  options: OutputOptions,
  render: (result: LabResult) => string,
): Promise<number> {
  const path = await writeResult(result, options.out);
  lab.print(options.json ? `${JSON.stringify(result)}\n` : `\n${render(result)}`);
  lab.progress(`\nresult: ${path}`);
  return isValid(result) && result.complete ? 0 : 3;
}
