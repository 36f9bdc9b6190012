import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What a result's folder is named after. */
interface Named {
  readonly createdAt: string;
  readonly experiment: string;
}

/**
 * Writes `<folder>/<timestamp>-<experiment>/result.json`, or another file in its place, and returns its path. Never
 * into a folder that is there already: the next free one of `…-2`, `…-3` is taken then.
 */
export async function writeResult(
  result: Named,
  folder: string,
  fileName = 'result.json',
): Promise<string> {
  const timestamp = result.createdAt.replace(/\.\d+Z$/, 'Z').replaceAll(':', '-');
  const own = join(folder, `${timestamp}-${result.experiment.replaceAll(' ', '-')}`);
  const path = join(await makeFreshFolder(own), fileName);
  await writeFile(path, `${JSON.stringify(result, null, 2)}\n`);
  return path;
}

async function makeFreshFolder(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  for (let attempt = 1; ; attempt += 1) {
    const fresh = attempt === 1 ? path : `${path}-${attempt}`;
    try {
      await mkdir(fresh);
      return fresh;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
