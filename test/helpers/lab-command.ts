import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { labCli } from './lab-processes.ts';

/** A test, or whatever else says when it is over. */
export interface Scope {
  after(undo: () => void): void;
}

/** A process that ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of a test, which is killed when the test ends. */
export interface Started {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Resolves once what is on stdout or on stderr matches; rejects when the process ends without. */
  waitFor(pattern: RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts a command with variables besides those of the test, and without those that are undefined. */
export function start(
  scope: Scope,
  [command = '', ...args]: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Started {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  scope.after(() => child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, ...output }));
  });
  return {
    pid: child.pid ?? 0,
    ended,
    waitFor: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => Object.values(output).some((text) => pattern.test(text)) && resolve();
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        look();
        child.once('close', () => reject(new Error(`ended without ${pattern}: ${output.stderr}`)));
      }),
    kill: (signal) => child.kill(signal),
  };
}

/** How a lab is started besides its arguments. */
export interface LabSurroundings {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A command that runs the lab, with its own arguments. */
  readonly prefix?: readonly string[];
}

/** Starts the lab's command line, as built. */
export function startLab(
  scope: Scope,
  args: readonly string[],
  { env = {}, prefix = [] }: LabSurroundings = {},
): Started {
  return start(scope, [...prefix, process.execPath, labCli, ...args], env);
}

/** A folder that is gone when the test is over. */
export function makeFolder(scope: Scope): string {
  const folder = mkdtempSync(join(tmpdir(), 'lab-test-'));
  scope.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
