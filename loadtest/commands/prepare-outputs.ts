import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { LabError } from '../lab-error.ts';

/** The options of a command that name places to write to. */
export interface Outputs {
  readonly out?: string;
  readonly junit?: string;
  readonly summary?: string;
  readonly html?: string;
}

/**
 * Makes the folders that are missing, so that what has been measured can be kept. Rejects with a {@link LabError} of
 * one line when something cannot be written, before anything has been measured.
 */
export async function prepareOutputs({ out, ...files }: Outputs): Promise<void> {
  if (out !== undefined) await expectWritable(out, () => makeWritableFolder(resolve(out)));
  for (const file of [files.junit, files.summary, files.html]) {
    if (file !== undefined) await expectWritable(file, () => makeWritableFile(resolve(file)));
  }
}

async function expectWritable(path: string, prepare: () => Promise<void>): Promise<void> {
  try {
    await prepare();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new LabError(`cannot write ${path}: ${reasons.get(code) ?? message}`, 2);
  }
}

const reasons = new Map<string | undefined, string>([
  ['EACCES', 'no permission'],
  ['EROFS', 'the file system is read-only'],
  ['EEXIST', 'a file is in the place of a folder'],
  ['ENOTDIR', 'a file is in the place of a folder'],
  ['EISDIR', 'it is a folder'],
  ['ENOENT', 'a folder cannot be made there'],
]);

async function makeWritableFolder(path: string): Promise<void> {
  await makeFolder(path);
  if (!(await stat(path)).isDirectory()) throw withCode('ENOTDIR');
  await access(path, constants.W_OK);
}

async function makeWritableFile(path: string): Promise<void> {
  await makeWritableFolder(dirname(path));
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return;
  if (found.isDirectory()) throw withCode('EISDIR');
  await access(path, constants.W_OK);
}

// Level by level: where the system makes no folders, as in /proc, Node's own `recursive` never comes back.
async function makeFolder(path: string): Promise<void> {
  if ((await stat(path).catch(() => undefined)) !== undefined) return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    // Somebody else was quicker.
    if (error.code !== 'EEXIST') throw error;
  });
}

function withCode(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}
