import type { Command } from 'commander';
import { toInteger, toNumber } from './cli-numbers.ts';
import { type ContrastSettings, defaultContrastSettings } from './experiments/contrast-plan.ts';
import { parseTargetSetting } from './target/target-environment.ts';

/** What commander hands over for `contrast`. */
export interface ContrastOptions {
  readonly duration: number;
  readonly warmup: number;
  readonly drain: number;
  readonly rateUsers: number;
  readonly rateHealth: number;
  readonly load: number;
  readonly threads?: number;
  readonly env?: Record<string, string>;
  readonly out: string;
  readonly json?: true;
  readonly server?: string;
}

/** Gives a command the contrast's options. */
export function addContrastOptions(command: Command): Command {
  const defaults = defaultContrastSettings;
  return command
    .description('the same load on both modes, inline and pool, and what the difference is')
    .option(
      '--duration <s>',
      'measured seconds per run',
      toNumber(0.5, 3600),
      defaults.measureMs / 1000,
    )
    .option(
      '--warmup <s>',
      'seconds of the same load before',
      toNumber(0, 600),
      defaults.warmupMs / 1000,
    )
    .option(
      '--drain <s>',
      'seconds to wait for answers after, at most',
      toNumber(0, 600),
      defaults.drainMs / 1000,
    )
    .option(
      '--rate-users <n>',
      'GET /users per second, kept connections',
      toNumber(1, 10_000),
      defaults.usersPerSec,
    )
    .option(
      '--rate-health <n>',
      'GET /health per second, a new connection each',
      toNumber(1, 300),
      defaults.healthPerSec,
    )
    .option(
      '--load <x>',
      'GET /compute, as a multiple of what one thread can do',
      toNumber(0.01, 100),
      defaults.offeredLoad,
    )
    .option(
      '--threads <n>',
      "threads of the pool (default: the server's own choice)",
      toInteger(1, 1024),
    )
    .option(
      '--env <NAME=value>',
      'a setting of the server, for both modes; repeatable',
      collectSetting,
    )
    .option('--out <folder>', 'where the folder of the result goes', 'results')
    .option('--json', 'print the result as JSON instead of the table')
    .option('--server <file>', 'another server with the same contract (default: the built one)');
}

/** The experiment's settings from the command line's. */
export function toContrastSettings(options: ContrastOptions): ContrastSettings {
  const threads: Record<string, string> =
    options.threads === undefined ? {} : { POOL_THREADS: `${options.threads}` };
  return {
    measureMs: options.duration * 1000,
    warmupMs: options.warmup * 1000,
    drainMs: options.drain * 1000,
    usersPerSec: options.rateUsers,
    healthPerSec: options.rateHealth,
    offeredLoad: options.load,
    targetSettings: { ...options.env, ...threads },
  };
}

function collectSetting(text: string, previous: Record<string, string> = {}) {
  const [name, value] = parseTargetSetting(text);
  return { ...previous, [name]: value };
}
