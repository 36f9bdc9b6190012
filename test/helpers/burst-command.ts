import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BurstResult, burstResultSchema } from '../../loadtest/result/burst-result.ts';
import { labCli } from './lab-processes.ts';

/** A running `lab burst`. */
export interface BurstCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
  /** Resolves once a line on stderr matches; rejects when it ends without. */
  waitFor(pattern: RegExp): Promise<void>;
}

/** Starts `lab burst` from source, with another command before it or without. Killed, by its id, when `cleanUp` runs. */
export function startBurst(
  cleanUp: (undo: () => void) => void,
  args: readonly string[],
  prefix: readonly string[] = [],
): BurstCommand {
  const lab = [process.execPath, labCli, 'burst', ...args];
  const [command = '', ...rest] = [...prefix, ...lab];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  cleanUp(() => child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return {
    child,
    ended: new Promise((resolve) => {
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    }),
    waitFor: (pattern) =>
      new Promise((resolve, reject) => {
        child.stderr.on('data', () => pattern.test(stderr) && resolve());
        child.once('close', () => reject(new Error(`ended without ${pattern}: ${stderr}`)));
      }),
  };
}

/** A folder for results; removed when `cleanUp` runs. */
export function makeResultFolder(cleanUp: (undo: () => void) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'lab-burst-'));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The one result in a folder of results, with the name of its own folder. */
export function readSavedBurst(folder: string): { name: string; result: BurstResult } {
  const [name = ''] = readdirSync(folder);
  const text = readFileSync(join(folder, name, 'burst.json'), 'utf8');
  return { name, result: burstResultSchema.parse(JSON.parse(text)) };
}
