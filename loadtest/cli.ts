#!/usr/bin/env node
// The lab's edge: the one file that touches argv, environment, signals, clock, streams and exit code.
import { randomInt } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import { inspect } from 'node:util';
import { CommanderError } from 'commander';
import { findFile } from './commands/find-file.ts';
import { createProgram } from './commands/program.ts';
import type { LabContext } from './lab-context.ts';
import { LabError } from './lab-error.ts';
import { listDroppedNames, pickBaseEnvironment } from './process/base-environment.ts';
import { findProjectRoot, findServerEntry } from './target/server-entry.ts';

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

// Whoever reads the output may have seen enough, as `head` does.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => process.exit(explain(error)));
}

try {
  standWhereTheUserStands();
  await createProgram(createLab, (code) => {
    process.exitCode = code;
  }).parseAsync();
} catch (error) {
  process.exitCode = explain(error);
}
if (stoppedBy !== undefined) process.exitCode = 128 + constants.signals[stoppedBy];

/** npm runs a script in the folder of its package, and says where the user was. Paths are meant from there. */
function standWhereTheUserStands(): void {
  const { npm_package_json: manifest = '', INIT_CWD: userFolder = '' } = process.env;
  const root = findProjectRoot();
  const isOurScript =
    process.cwd() === root && existsSync(manifest) && realpathSync(dirname(manifest)) === root;
  if (isOurScript && userFolder !== '') process.chdir(userFolder);
}

function createLab({ server, node }: { server?: string; node?: string }): LabContext {
  return {
    serverEntry: server === undefined ? findServerEntry() : findFile('--server', server),
    serverExecPath: node === undefined ? process.execPath : findFile('--node', node),
    baseEnv: pickBaseEnvironment(process.env),
    droppedNames: listDroppedNames(process.env),
    signal: stop.signal,
    nowMs: () => performance.now(),
    drawSeed: () => randomInt(2 ** 31),
    date: () => new Date(),
    print: (text) => process.stdout.write(text),
    progress: (line) => process.stderr.write(`${line}\n`),
  };
}

/** Says what went wrong and returns the exit code for it: never 1, which means that a stated condition does not hold. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) {
    // commander has said everything itself; for --help its code is 0.
    return error.exitCode === 0 ? 0 : 2;
  }
  if (error instanceof LabError) {
    process.stderr.write(`error: ${error.message}\n`);
    return error.exitCode;
  }
  // A defect of ours.
  process.stderr.write(`${inspect(error)}\n`);
  return 3;
}
