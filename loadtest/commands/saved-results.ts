import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { compareResults, isComparable } from '../analysis/compare-results.ts';
import type { LabContext } from '../lab-context.ts';
import { LabError } from '../lab-error.ts';
import { renderComparison } from '../report/compare-table.ts';
import { type LabResult, parseResult } from '../result/result.ts';
import { present } from './deliver.ts';
import type { RenderOptions } from './output-options.ts';
import { prepareOutputs } from './prepare-outputs.ts';

/** `lab report <result>`: renders a saved result again; resolves with the exit code it calls for. */
export async function report(
  lab: LabContext,
  path: string,
  options: RenderOptions & { readonly html?: string },
): Promise<number> {
  const file = await toResultFile(path);
  const result = await readResult(file);
  const html = options.html ?? join(dirname(file), 'report.html');
  await prepareOutputs({ ...options, html });
  return await present(lab, result, options, html);
}

/** `lab compare <a> <b>`: resolves with 0, or with 3 when the two are not comparable. */
export async function compare(
  lab: LabContext,
  first: string,
  second: string,
  options: { readonly json?: true },
): Promise<number> {
  const a = await readResult(await toResultFile(first));
  const b = await readResult(await toResultFile(second));
  const comparison = compareResults(a, b);
  lab.print(options.json ? `${JSON.stringify(comparison)}\n` : renderComparison(comparison));
  return isComparable(comparison) ? 0 : 3;
}

/** The result in a folder of results, for those who name the folder; anything else is a file's path. */
async function toResultFile(path: string): Promise<string> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? join(path, 'result.json') : path;
}

async function readResult(path: string): Promise<LabResult> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'it is not JSON' : 'it cannot be read';
    throw new LabError(`${path}: ${reason}`, 2, { cause: error });
  }
  try {
    return parseResult(value);
  } catch (error) {
    if (error instanceof LabError) throw new LabError(`${path}: ${error.message}`, error.exitCode);
    throw error;
  }
}
