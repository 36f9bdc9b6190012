import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabResult } from './result.ts';

/** Writes `<folder>/<timestamp>-<experiment>/result.json` and returns its path. */
export async function writeResult(result: LabResult, folder: string): Promise<string> {
  const timestamp = result.createdAt.replace(/\.\d+Z$/, 'Z').replaceAll(':', '-');
  const own = join(folder, `${timestamp}-${result.experiment}`);
  await mkdir(own, { recursive: true });
  const path = join(own, 'result.json');
  await writeFile(path, `${JSON.stringify(result, null, 2)}\n`);
  return path;
}
