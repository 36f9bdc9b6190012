#!/usr/bin/env node
// The lab's edge: the one file that touches argv, environment, signals, clock, streams and exit code.
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { CommanderError } from 'commander';
import { createProgram } from './commands/program.ts';
import type { LabContext } from './lab-context.ts';
import { LabError } from './lab-error.ts';
import { pickBaseEnvironment } from './process/base-environment.ts';
import { findServerEntry } from './target/server-entry.ts';

/** A terminal sends Ctrl-C to everybody, and npm hands on what it was sent: that much later it is the same one. */
const sameSignalMs = 1000;

const stop = new AbortController();
let stoppedBy: NodeJS.Signals | undefined;
let stoppedAtMs = 0;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stoppedBy !== undefined) {
      if (performance.now() - stoppedAtMs < sameSignalMs) return;
      // Children notice that their IPC channel is gone, so there is nothing to wait for.
      process.exit(128 + constants.signals[signal]);
    }
    stoppedBy = signal;
    stoppedAtMs = performance.now();
    process.stderr.write('stopping: ending the child processes\n');
    stop.abort(new LabError('stopped before there was anything to keep', 3));
  });
}

function createLab({ server, node }: { server?: string; node?: string }): LabContext {
  return {
    serverEntry: server === undefined ? findServerEntry() : findFile('--server', server),
    serverExecPath: node === undefined ? process.execPath : findFile('--node', node),
    baseEnv: pickBaseEnvironment(process.env),
    stepSummaryPath: process.env.GITHUB_STEP_SUMMARY,
    signal: stop.signal,
    nowMs: () => performance.now(),
    date: () => new Date(),
    print: (text) => process.stdout.write(text),
    progress: (line) => process.stderr.write(`${line}\n`),
  };
}

function findFile(option: string, path: string): string {
  if (!existsSync(path)) throw new LabError(`${option}: there is no file ${path}`, 2);
  return resolve(path);
}

// Whoever reads the output may have seen enough, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  await createProgram(createLab, (code) => {
    process.exitCode = code;
  }).parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // commander has said everything itself; for --help its code is 0.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof LabError) {
    process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = error.exitCode;
  } else {
    throw error;
  }
}
if (stoppedBy !== undefined) process.exitCode = 128 + constants.signals[stoppedBy];
