import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { LabError } from '../lab-error.ts';

/** The absolute path of a file that an option names. Throws a {@link LabError} when there is none. */
export function findFile(option: string, path: string): string {
  const absolute = resolve(path);
  if (!isFile(absolute)) throw new LabError(`${option}: there is no file ${absolute}`, 2);
  return absolute;
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
