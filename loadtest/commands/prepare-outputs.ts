import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { LabError } from '../lab-error.ts';

/** The options of a command that name places to write to. */
export interface Outputs {
  readonly out?: string;
  readonly junit?: string;
  readonly html?: string;
  /** Empty: none. */
  readonly summary?: string;
}

/**
 * Makes the folders that are missing, so that what has been measured can be kept; not that of the summary, whose place
 * the surroundings have made. Rejects with a {@link LabError} of one line when something cannot be written, before
 * anything has been measured.
 */
export async function prepareOutputs({ out, junit, html, summary }: Outputs): Promise<void> {
  if (out) await expectWritable('--out', out, tryFolder);
  if (junit) await expectWritable('--junit', junit, tryFileAndFolder);
  if (html) await expectWritable('--html', html, tryFileAndFolder);
  if (summary) await expectWritable('--summary, GITHUB_STEP_SUMMARY', summary, tryFile);
}

async function expectWritable(
  option: string,
  path: string,
  attempt: (path: string) => Promise<void>,
): Promise<void> {
  try {
    await attempt(resolve(path));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new LabError(`cannot write ${path} (${option}): ${reasons.get(code) ?? message}`, 2);
  }
}

const reasons = new Map<string | undefined, string>([
  ['EACCES', 'no permission'],
  ['EROFS', 'the file system is read-only'],
  ['ENOTDIR', 'a file is in the place of a folder'],
  ['EISDIR', 'it is a folder'],
  ['ENOENT', 'there is no such folder, and none is made there'],
]);

async function tryFolder(path: string): Promise<void> {
  await makeFolder(path);
  await rmdir(await mkdtemp(join(path, '.probe-')));
}

async function tryFileAndFolder(path: string): Promise<void> {
  await makeFolder(dirname(path));
  await tryFile(path);
}

async function tryFile(path: string): Promise<void> {
  const isNew = !existsSync(path);
  await (await open(path, 'a')).close();
  if (isNew) await rm(path);
}

// Level by level: where the system makes no folders, as in /proc, Node's own `recursive` never comes back.
async function makeFolder(path: string): Promise<void> {
  if (existsSync(path)) return;
  await makeFolder(dirname(path));
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    // Somebody else was quicker.
    if (error.code !== 'EEXIST') throw error;
  });
}
