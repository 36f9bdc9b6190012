import { spawn, spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { labCli } from './lab-processes.ts';

/** For `skip`: why tests cannot run here; false when they can. */
export const noK6 =
  spawnSync('k6', ['version']).error !== undefined && 'no k6 on the PATH: see docs/k6.md';

/** A process that ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of a test, which is killed when the test ends. */
export interface Started {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Resolves once a line on stderr matches; rejects when it ends without. */
  waitFor(pattern: RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts a command with variables besides those of the test. */
export function start(
  t: TestContext,
  [command = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Started {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...output }));
  });
  return {
    pid: child.pid ?? 0,
    ended,
    waitFor: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => pattern.test(output.stderr) && resolve();
        child.stderr.on('data', look);
        look();
        child.once('close', () => reject(new Error(`ended without ${pattern}: ${output.stderr}`)));
      }),
    kill: (signal) => child.kill(signal),
  };
}

/** Starts `lab k6 …` from source. */
export function startLabK6(
  t: TestContext,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Started {
  return start(t, [process.execPath, labCli, 'k6', ...args], env);
}

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

/** A folder of the test's own. */
export async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'k6-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder with a `k6` that does nothing but say this. */
export async function makeFakeK6(t: TestContext, says: string): Promise<string> {
  const folder = await makeFolder(t);
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
