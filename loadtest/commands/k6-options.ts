import { type Command, InvalidArgumentError } from 'commander';
import {
  defaultBaselineSettings,
  defaultMixedSettings,
  type K6MixedSettings,
  type K6Settings,
} from '../experiments/k6/k6-plan.ts';
import { collectSetting } from './contrast-options.ts';
import { toInteger, toNumber } from './numbers.ts';
import { addOutputOptions, type OutputOptions } from './output-options.ts';

/** What commander hands over for both of k6's loads. */
export interface K6Options extends OutputOptions {
  readonly mode?: K6Settings['mode'];
  readonly repeats?: number;
  readonly duration?: number;
  readonly slo?: number;
  readonly threads?: number;
  readonly env?: Record<string, string>;
  readonly server?: string;
}

/** What commander hands over for `k6 baseline`. */
export interface K6BaselineOptions extends K6Options {
  readonly vus?: readonly number[];
}

/** What commander hands over for `k6 mixed`. */
export interface K6MixedOptions extends K6Options {
  readonly load?: readonly number[];
  readonly warmup?: number;
  readonly rateUsers?: number;
  readonly rateCreate?: number;
  readonly rateHealth?: number;
  readonly maxVus: number;
}

/** What the commands of k6 do. */
export interface K6Actions {
  baseline(options: K6BaselineOptions): Promise<void>;
  mixed(options: K6MixedOptions): Promise<void>;
}

const sec = (ms: number) => `${ms / 1000}`;

/** Gives the `k6` command its two loads. */
export function addK6Commands(k6: Command, actions: K6Actions): void {
  k6.description('both modes under load from k6, which has to be on the PATH');
  const { levels, measureMs } = defaultBaselineSettings;
  addCommonOptions(k6.command('baseline'), measureMs)
    .description(
      'virtual users who each get /users and think for a second, as in the original experiment',
    )
    .option(
      '--vus <list>',
      `how many virtual users (default: ${levels.join(',')})`,
      toList(toInteger(1, 5000)),
    )
    .action((options: K6BaselineOptions) => actions.baseline(options));
  addMixedOptions(addCommonOptions(k6.command('mixed'), defaultMixedSettings.measureMs))
    .description("the contrast's four kinds of requests, each at a constant rate")
    .action((options: K6MixedOptions) => actions.mixed(options));
}

function addCommonOptions(command: Command, measureMs: number): Command {
  const { repeats, sloP99Ms } = defaultBaselineSettings;
  return addOutputOptions(
    command
      .option('--mode <mode>', 'inline, pool or both (default: both)', toMode)
      .option(
        '--duration <s>',
        `measured seconds per run (default: ${sec(measureMs)})`,
        toNumber(1, 3600),
      )
      .option(
        '--repeats <n>',
        `processes per mode and load (default: ${repeats})`,
        toInteger(1, 100),
      )
      .option(
        '--slo <ms>',
        `what p99 of GET /users has to stay below, else exit code 1 (default: no limit; ${sloP99Ms} in reports)`,
        toNumber(0.1, 60_000),
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
      .option('--server <file>', 'another server with the same contract (default: the built one)'),
  );
}

function addMixedOptions(command: Command): Command {
  const { levels, warmupMs, ...rates } = defaultMixedSettings;
  return command
    .option(
      '--load <list>',
      `compute loads, as multiples of what one thread can do (default: ${levels.join(',')})`,
      toList(toNumber(0, 100)),
    )
    .option(
      '--warmup <s>',
      `seconds of the same load before (default: ${sec(warmupMs)})`,
      toNumber(0, 600),
    )
    .option(
      '--rate-users <n>',
      `GET /users per second (default: ${rates.usersPerSec})`,
      toNumber(1, 10_000),
    )
    .option(
      '--rate-create <n>',
      `POST /users per second (default: ${rates.createPerSec})`,
      toNumber(0.1, 1000),
    )
    .option(
      '--rate-health <n>',
      `GET /health per second, a new connection each (default: ${rates.healthPerSec})`,
      toNumber(1, 300),
    )
    .option('--max-vus <n>', 'virtual users k6 may make, at most', toInteger(4, 20_000), 1000);
}

/** The experiment's settings from the command line's. */
export function toBaselineSettings(options: K6BaselineOptions): K6Settings {
  return toSettings(options, options.vus, defaultBaselineSettings);
}

/** The experiment's settings from the command line's. */
export function toMixedSettings(options: K6MixedOptions): K6MixedSettings {
  const base = defaultMixedSettings;
  return {
    ...toSettings(options, options.load, base),
    warmupMs: options.warmup === undefined ? base.warmupMs : options.warmup * 1000,
    usersPerSec: options.rateUsers ?? base.usersPerSec,
    createPerSec: options.rateCreate ?? base.createPerSec,
    healthPerSec: options.rateHealth ?? base.healthPerSec,
  };
}

function toSettings(
  { mode, repeats, duration, slo, threads, env }: K6Options,
  levels: readonly number[] | undefined,
  base: K6Settings,
): K6Settings {
  return {
    mode: mode ?? base.mode,
    levels: levels ?? base.levels,
    repeats: repeats ?? base.repeats,
    measureMs: duration === undefined ? base.measureMs : duration * 1000,
    warmupMs: base.warmupMs,
    sloP99Ms: slo ?? base.sloP99Ms,
    targetSettings: { ...env, ...(threads !== undefined && { POOL_THREADS: `${threads}` }) },
  };
}

function toList(toItem: (text: string) => number): (text: string) => readonly number[] {
  return (text) => [...new Set(text.split(',').map(toItem))].sort((a, b) => a - b);
}

function toMode(text: string): K6Settings['mode'] {
  if (text === 'inline' || text === 'pool' || text === 'both') return text;
  throw new InvalidArgumentError('It must be inline, pool or both.');
}
