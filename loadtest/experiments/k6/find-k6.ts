import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { LabContext } from '../../lab-context.ts';
import { LabError } from '../../lab-error.ts';

/** The version the scripts were written for. */
const pinned = '2.2.0';
const oldestMajor = 2;
const versionTimeoutMs = 10_000;

const howToInstall =
  `k6 is not on the PATH. Linux: your distribution's package, or go install go.k6.io/k6/v2@v${pinned}; ` +
  `macOS: brew install k6; Windows: winget install k6 --source winget; anywhere: run loadtest/k6/*.ts from the image grafana/k6:${pinned}`;

/** The version of the k6 on the PATH. Rejects with a {@link LabError} of one line when there is none, or one that is too old. */
export async function findK6({
  baseEnv,
  signal,
}: Pick<LabContext, 'baseEnv' | 'signal'>): Promise<string> {
  const said = await askVersion(baseEnv, signal);
  const [, version, major] = /^k6(?:\.exe)? v((\d+)\.\d+\.\d+\S*)/m.exec(said) ?? [];
  if (version === undefined) {
    throw new LabError(`the k6 on the PATH does not tell its version: ${toLine(said)}`, 2);
  }
  if (Number(major) < oldestMajor) {
    throw new LabError(
      `k6 ${oldestMajor}.0.0 or newer is needed, the one on the PATH is ${version}`,
      2,
    );
  }
  return version;
}

async function askVersion(env: LabContext['baseEnv'], signal: AbortSignal): Promise<string> {
  try {
    const options = { env: { ...env }, signal, timeout: versionTimeoutMs };
    return (await promisify(execFile)('k6', ['version'], options)).stdout;
  } catch (error) {
    signal.throwIfAborted();
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'EACCES') throw new LabError(howToInstall, 2);
    const reason = error instanceof Error ? error.message : String(error);
    throw new LabError(`the k6 on the PATH does not run: ${toLine(reason)}`, 2, { cause: error });
  }
}

function toLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ').slice(0, 200);
}
