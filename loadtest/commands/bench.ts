import { execFileSync } from 'node:child_process';
import {
  combineVerdicts,
  type JudgedFigure,
  summarizeGeneratorBench,
  summarizeStarts,
  summarizeStoreBench,
  summarizeUsersBench,
} from '../analysis/bench-summary.ts';
import { benchGenerator } from '../bench/generator-bench.ts';
import { benchStart } from '../bench/start-bench.ts';
import { benchStore } from '../bench/store-bench.ts';
import { benchUsers } from '../bench/users-bench.ts';
import type { LabContext } from '../lab-context.ts';
import { LabError } from '../lab-error.ts';
import {
  renderGeneratorBench,
  renderStartBench,
  renderStoreBench,
  renderUsersBench,
} from '../report/bench-table.ts';
import { type BenchOptions, defaultGeneratorRates } from './bench-options.ts';

/** `lab bench users`; resolves with the exit code. */
export async function users(lab: LabContext, options: BenchOptions): Promise<number> {
  const nodeVersion = readNodeVersion(lab.serverExecPath);
  const rounds = await benchUsers(lab, toSettings(options));
  const summary = summarizeUsersBench(rounds, toMajor(nodeVersion));
  print(lab, options, { nodeVersion, rounds, summary }, renderUsersBench(summary, nodeVersion));
  return toExitCode([summary.oursToBare, summary.stockToOurs]);
}

/** `lab bench store`; resolves with the exit code. */
export async function store(lab: LabContext, options: BenchOptions): Promise<number> {
  const nodeVersion = readNodeVersion(lab.serverExecPath);
  const rounds = await benchStore(lab, { ...toSettings(options), manyUsers: options.users });
  const summary = summarizeStoreBench(rounds);
  const table = renderStoreBench(summary, options.users, nodeVersion);
  print(lab, options, { nodeVersion, rounds, summary }, table);
  return toExitCode([summary.getManyToFew, summary.postManyToFew]);
}

/** `lab bench generator`; resolves with the exit code. */
export async function generator(lab: LabContext, options: BenchOptions): Promise<number> {
  const ratesPerSec = options.rates ?? defaultGeneratorRates;
  const rounds = await benchGenerator(lab, {
    ratesPerSec,
    rounds: options.rounds,
    measureMs: 5000,
  });
  const summary = summarizeGeneratorBench(rounds);
  print(lab, options, { rounds, summary }, renderGeneratorBench(summary));
  return exitCodes[summary.verdict ?? 'inside'];
}

/** `lab bench start`; resolves with the exit code. */
export async function start(lab: LabContext, options: BenchOptions): Promise<number> {
  const nodeVersion = readNodeVersion(lab.serverExecPath);
  const timesMs = await benchStart(lab, options.rounds);
  const summary = summarizeStarts(timesMs);
  print(lab, options, { nodeVersion, timesMs, summary }, renderStartBench(summary, nodeVersion));
  return toExitCode([summary]);
}

/** Of limits that were kept, missed, or not told by so few rounds. */
const exitCodes = { inside: 0, outside: 1, 'cannot tell': 3 } as const;

function toExitCode(figures: readonly JudgedFigure[]): number {
  const verdicts = figures.flatMap(({ judgement }) => judgement?.verdict ?? []);
  return exitCodes[combineVerdicts(verdicts)];
}

function toSettings({ rounds, requests }: BenchOptions) {
  return { rounds, requestsPerRound: requests };
}

function print(lab: LabContext, options: BenchOptions, data: object, table: string): void {
  lab.print(options.json ? `${JSON.stringify(data)}\n` : `\n${table}`);
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
