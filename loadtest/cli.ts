#!/usr/bin/env node
import { execFileSync } from 'node:child_process';
// The lab's edge: the one file that touches argv, environment, signals, clock and exit code.
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Command, CommanderError } from 'commander';
import {
  summarizeStarts,
  summarizeStoreBench,
  summarizeUsersBench,
} from './analysis/bench-summary.ts';
import { isValid } from './analysis/validity.ts';
import { benchStart } from './bench/start-bench.ts';
import { benchStore } from './bench/store-bench.ts';
import { benchUsers } from './bench/users-bench.ts';
import { addBenchCommands, type BenchOptions } from './cli-bench.ts';
import { addContrastOptions, type ContrastOptions, toContrastSettings } from './cli-contrast.ts';
import { runContrast } from './experiments/contrast.ts';
import { createContrastPlan } from './experiments/contrast-plan.ts';
import type { LabContext } from './lab-context.ts';
import { LabError } from './lab-error.ts';
import { pickBaseEnvironment } from './process/base-environment.ts';
import { renderStartBench, renderStoreBench, renderUsersBench } from './report/bench-table.ts';
import { renderContrast } from './report/contrast-table.ts';
import { writeResult } from './result/write-result.ts';
import { findServerEntry } from './target/server-entry.ts';

const stop = new AbortController();
let stoppedBy: NodeJS.Signals | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // Children notice that their IPC channel is gone, so the second time there is nothing to wait for.
    if (stoppedBy !== undefined) process.exit(128 + constants.signals[signal]);
    stoppedBy = signal;
    process.stderr.write('stopping: ending the child processes\n');
    stop.abort(new LabError('stopped before the end, nothing was written', 3));
  });
}

function createLab(server: string | undefined, node?: string): LabContext {
  return {
    serverEntry: server === undefined ? findServerEntry() : resolve(server),
    serverExecPath: node === undefined ? process.execPath : resolve(node),
    baseEnv: pickBaseEnvironment(process.env),
    signal: stop.signal,
    nowMs: () => performance.now(),
    date: () => new Date(),
    progress: (line) => process.stderr.write(`${line}\n`),
  };
}

async function contrast(options: ContrastOptions): Promise<number> {
  const lab = createLab(options.server);
  const plan = createContrastPlan(toContrastSettings(options));
  const result = await runContrast(lab, plan);
  const path = await writeResult(result, options.out);
  process.stdout.write(
    options.json ? `${JSON.stringify(result)}\n` : `\n${renderContrast(result)}`,
  );
  lab.progress(`\nresult: ${path}`);
  return isValid(result) ? 0 : 3;
}

async function benchmarkUsers(options: BenchOptions): Promise<number> {
  const lab = createLab(options.server, options.node);
  const nodeVersion = readNodeVersion(lab.serverExecPath);
  const rounds = await benchUsers(lab, {
    rounds: options.rounds,
    requestsPerRound: options.requests,
  });
  const summary = summarizeUsersBench(rounds, toMajor(nodeVersion));
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ nodeVersion, rounds, summary })}\n`
      : `\n${renderUsersBench(summary, nodeVersion)}`,
  );
  return summary.oursToBare.isMissed || summary.stockToOurs.isMissed ? 1 : 0;
}

async function benchmarkStore({ users, ...options }: BenchOptions): Promise<number> {
  const lab = createLab(options.server, options.node);
  const nodeVersion = readNodeVersion(lab.serverExecPath);
  const rounds = await benchStore(lab, {
    rounds: options.rounds,
    requestsPerRound: options.requests,
    manyUsers: users,
  });
  const summary = summarizeStoreBench(rounds);
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ nodeVersion, rounds, summary })}\n`
      : `\n${renderStoreBench(summary, users, nodeVersion)}`,
  );
  return summary.getManyToFew.isMissed || summary.postManyToFew.isMissed ? 1 : 0;
}

async function benchmarkStart(options: BenchOptions): Promise<number> {
  const lab = createLab(options.server, options.node);
  const nodeVersion = readNodeVersion(lab.serverExecPath);
  const timesMs = await benchStart(lab, options.rounds);
  const summary = summarizeStarts(timesMs);
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ nodeVersion, timesMs, summary })}\n`
      : `\n${renderStartBench(summary, nodeVersion)}`,
  );
  return summary.isMissed ? 1 : 0;
}

function readNodeVersion(execPath: string): string {
  try {
    return execFileSync(execPath, ['--version'], { encoding: 'utf8' }).trim();
  } catch (error) {
    throw new LabError(`${execPath} is no Node.js that runs here`, 2, { cause: error });
  }
}

function toMajor(nodeVersion: string): number {
  return Number.parseInt(nodeVersion.replace(/^v/, ''), 10);
}

function createProgram(): Command {
  const program = new Command('lab')
    .description('Measures what a CPU-heavy endpoint does to everybody else.')
    .exitOverride()
    .showHelpAfterError('(try --help)')
    .addHelpText(
      'after',
      '\nExit codes: 0 fine, 1 a stated limit was missed, 2 wrong usage, 3 the measurement cannot be trusted.',
    );
  addContrastOptions(program.command('contrast')).action(async (options: ContrastOptions) => {
    process.exitCode = await contrast(options);
  });
  addBenchCommands(program.command('bench'), {
    users: async (options) => {
      process.exitCode = await benchmarkUsers(options);
    },
    store: async (options) => {
      process.exitCode = await benchmarkStore(options);
    },
    start: async (options) => {
      process.exitCode = await benchmarkStart(options);
    },
  });
  return program;
}

try {
  await createProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // commander has said everything itself; for --help its code is 0.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (stoppedBy !== undefined) {
    process.exitCode = 128 + constants.signals[stoppedBy];
  } else if (error instanceof LabError) {
    process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = error.exitCode;
  } else {
    // A fault of the lab itself: the stack is what helps, and no figure may be trusted.
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 3;
  }
}
