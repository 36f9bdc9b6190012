import { spawnSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Ended, makeFolder, start } from './lab-command.ts';

/** For `skip`: why tests cannot run here; false when they can. */
export const noK6 =
  spawnSync('k6', ['version']).error !== undefined && 'no k6 on the PATH: see docs/k6.md';

/** Runs one of the scripts with k6 itself. */
export function runScript(
  t: TestContext,
  script: 'baseline' | 'mixed',
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  const path = fileURLToPath(new URL(`../../loadtest/k6/${script}.ts`, import.meta.url));
  const quiet = { K6_NO_USAGE_REPORT: 'true', K6_AUTO_EXTENSION_RESOLUTION: 'false' };
  return start(t, ['k6', 'run', '--quiet', '--no-color', path], { ...quiet, ...env }).ended;
}

/** A folder with a `k6` that does nothing but say this. */
export async function makeFakeK6(t: TestContext, says: string): Promise<string> {
  const folder = makeFolder(t);
  await writeFile(join(folder, 'k6'), `#!/bin/sh\necho '${says}'\n`);
  await chmod(join(folder, 'k6'), 0o755);
  return folder;
}

/** The addresses a process listens on, as the kernel writes them (Linux); port and address in hexadecimal. */
export async function listListeners(pid: number): Promise<string[]> {
  const { stdout } = spawnSync('ls', ['-l', `/proc/${pid}/fd`], { encoding: 'utf8' });
  const own = new Set([...stdout.matchAll(/socket:\[(\d+)\]/g)].map(([, inode]) => inode));
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8').catch(() => '')),
  );
  const listening = '0A';
  return tables.flatMap((table) =>
    table.split('\n').flatMap((line) => {
      const [, address = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      return state === listening && own.has(inode) ? [address] : [];
    }),
  );
}
