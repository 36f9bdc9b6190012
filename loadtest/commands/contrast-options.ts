import { type Command, InvalidArgumentError } from 'commander';
import {
  type ContrastSettings,
  defaultContrastSettings as defaults,
  quickContrastSettings,
} from '../experiments/contrast-plan.ts';
import { LabError } from '../lab-error.ts';
import { findFile } from './find-file.ts';
import { toAscendingList, toInteger, toNumber } from './numbers.ts';
import type { OutputOptions } from './output-options.ts';
import { readInputs } from './read-inputs.ts';
import { addTargetOptions, type TargetOptions, toTargetSettings } from './target-options.ts';
import { addTrafficOptions, type TrafficOptions, toRates } from './traffic-options.ts';

/** What commander hands over about the load and the server, for every experiment. */
export interface ServerOptions extends TrafficOptions, TargetOptions {
  readonly arrivals?: ContrastSettings['arrivals'];
  readonly slo?: number;
  readonly task?: string;
  readonly input?: string;
  readonly inputs?: string;
  readonly seed?: number;
}

/** What commander hands over for `contrast`. */
export interface ContrastOptions extends OutputOptions, ServerOptions {
  readonly quick?: true;
  readonly aa?: 'inline' | 'pool';
  readonly levels?: readonly number[];
  readonly repeats?: number;
  readonly duration?: number;
  readonly warmup?: number;
  readonly drain?: number;
}

const sec = (ms: number) => `${ms / 1000}`;

/** Gives a command the contrast's options. */
export function addContrastOptions(command: Command): Command {
  command
    .description('the same loads on both modes, inline and pool, and what the difference is')
    .option(
      '--quick',
      `loads ${quickContrastSettings.levels.join(' and ')} only, in three short rounds: wide intervals`,
    )
    .option(
      '--aa <mode>',
      'compare a mode with itself: inline or pool; prints the noise floor',
      toMode,
    )
    .option(
      '--levels <list>',
      `compute loads, as multiples of what one thread can do (default: ${defaults.levels.join(',')})`,
      toAscendingList(toNumber(0, 100)),
    )
    .option(
      '--repeats <n>',
      'rounds per load, a fresh process of each mode in every one (default: 4, or 6 below load 1; with --quick 3)',
      toInteger(1, 100),
    )
    .option(
      '--duration <s>',
      'measured seconds per run (default: 1 to 2, longer for a slow task)',
      toNumber(0.5, 3600),
    )
    .option(
      '--warmup <s>',
      `seconds of the same load before (default: ${sec(defaults.warmupMs)})`,
      toNumber(0, 600),
    )
    .option(
      '--drain <s>',
      `seconds to wait for answers after, at most (default: ${sec(defaults.drainMs)})`,
      toNumber(0, 600),
    );
  return addServerOptions(command);
}

/** Gives a command the options about the load and the server. */
export function addServerOptions(command: Command): Command {
  addTrafficOptions(command, defaults)
    .option(
      '--arrivals <kind>',
      `how /compute arrives: poisson or constant (default: ${defaults.arrivals})`,
      toArrivals,
    )
    .option(
      '--slo <ms>',
      `what p99 of GET /users has to stay below (default: ${defaults.sloP99Ms})`,
      toNumber(0.1, 60_000),
    )
    .option(
      '--task <file>',
      'your own task module in place of the sum, see docs/your-own-function.md',
    )
    .option('--input <json>', 'what your task is given, as JSON (default: {})', toJson)
    .option(
      '--inputs <file>',
      'what your task is given in turn: a file with one JSON object or array a line',
    )
    .option(
      '--seed <n>',
      'where all arrivals come from (default: drawn anew, and saved in the result)',
      toInteger(0, 2 ** 31 - 1),
    );
  return addTargetOptions(command);
}

/** The experiment's settings from the command line's. Throws a {@link LabError} when there is no such task. */
export function toContrastSettings(
  options: ServerOptions & Partial<ContrastOptions>,
  drawSeed: () => number,
): ContrastSettings {
  const base = options.quick ? quickContrastSettings : defaults;
  const ms = (seconds: number | undefined, fallbackMs: number) =>
    seconds === undefined ? fallbackMs : seconds * 1000;
  return {
    levels: options.levels ?? base.levels,
    areLevelsFixed: options.levels !== undefined,
    repeats: options.repeats,
    measureMs: options.duration === undefined ? undefined : options.duration * 1000,
    isQuick: base.isQuick,
    warmupMs: ms(options.warmup, base.warmupMs),
    drainMs: ms(options.drain, base.drainMs),
    ...toRates(options, base),
    arrivals: options.arrivals ?? base.arrivals,
    seed: options.seed ?? drawSeed(),
    sloP99Ms: options.slo ?? base.sloP99Ms,
    task: toTask(options),
    targetSettings: toTargetSettings(options),
  };
}

function toTask({ task, input, inputs }: ServerOptions): ContrastSettings['task'] {
  for (const [name, value] of [['--input', input] as const, ['--inputs', inputs] as const]) {
    if (value !== undefined && task === undefined) {
      throw new LabError(`${name} is for a task of your own: name it with --task`, 2);
    }
  }
  if (input !== undefined && inputs !== undefined) {
    throw new LabError('--input and --inputs exclude each other', 2);
  }
  if (task === undefined) return undefined;
  findFile('--task', task);
  return { path: task, inputs: inputs === undefined ? [input ?? '{}'] : readInputs(inputs) };
}

function toMode(text: string): 'inline' | 'pool' {
  if (text === 'inline' || text === 'pool') return text;
  throw new InvalidArgumentError('It must be inline or pool.');
}

function toArrivals(text: string): ContrastSettings['arrivals'] {
  if (text === 'poisson' || text === 'constant') return text;
  throw new InvalidArgumentError('It must be poisson or constant.');
}

function toJson(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidArgumentError('It must be JSON.');
  }
  if (typeof value !== 'object' || value === null) {
    throw new InvalidArgumentError('It must be an object or an array.');
  }
  return JSON.stringify(value);
}
