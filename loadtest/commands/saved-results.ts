import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { compareResults, isComparable } from '../analysis/compare-results.ts';
import { mergeResults } from '../analysis/merge-results.ts';
import type { LabContext } from '../lab-context.ts';
import { LabError } from '../lab-error.ts';
import { renderComparison } from '../report/compare-table.ts';
import { type LabResult, parseResult } from '../result/result.ts';
import { deliver, present } from './deliver.ts';
import type { OutputOptions, RenderOptions } from './output-options.ts';

/** `lab report <result>`: renders a saved result again; resolves with the exit code it calls for. */
export async function report(
  lab: LabContext,
  path: string,
  options: RenderOptions & { readonly html?: string },
): Promise<number> {
  const htmlPath = options.html ?? join(dirname(path), 'report.html');
  await mkdir(dirname(htmlPath), { recursive: true });
  return await present(lab, await readResult(path), options, htmlPath);
}

/** `lab compare <a> <b>`: resolves with 0, or with 3 when the two are not comparable. */
export async function compare(
  lab: LabContext,
  first: string,
  second: string,
  options: { readonly json?: true },
): Promise<number> {
  const comparison = compareResults(await readResult(first), await readResult(second));
  lab.print(options.json ? `${JSON.stringify(comparison)}\n` : renderComparison(comparison));
  return isComparable(comparison) ? 0 : 3;
}

/** `lab merge <results…>`: adds results of several generators and delivers the sum as a result of its own. */
export async function merge(
  lab: LabContext,
  paths: readonly string[],
  options: OutputOptions,
): Promise<number> {
  if (new Set(paths.map((path) => resolve(path))).size < paths.length)
    throw new LabError('a result cannot be merged with itself', 2);
  return await deliver(lab, mergeResults(await Promise.all(paths.map(readResult))), options);
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
