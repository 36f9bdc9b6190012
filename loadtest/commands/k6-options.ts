import type { Command } from 'commander';
import {
  defaultBaselineSettings,
  defaultMixedSettings,
  type K6MixedSettings,
  type K6Settings,
} from '../experiments/k6/k6-plan.ts';
import { addModeOptions, type ModeOptions } from './mode-options.ts';
import { toAscendingList, toInteger, toNumber } from './numbers.ts';
import { addOutputOptions, type OutputOptions } from './output-options.ts';
import { toTargetSettings } from './target-options.ts';
import { addTrafficOptions, type TrafficOptions, toRates } from './traffic-options.ts';

/** What commander hands over for both of k6's loads. */
export interface K6Options extends OutputOptions, ModeOptions {
  readonly repeats?: number;
  readonly duration?: number;
  readonly slo?: number;
}

/** What commander hands over for `k6 baseline`. */
export interface K6BaselineOptions extends K6Options {
  readonly vus?: readonly number[];
}

/** What commander hands over for `k6 mixed`. */
export interface K6MixedOptions extends K6Options, TrafficOptions {
  readonly load?: readonly number[];
  readonly warmup?: number;
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
  const { levels } = defaultBaselineSettings;
  addCommonOptions(k6.command('baseline'), defaultBaselineSettings)
    .description(
      'virtual users who each get /users and think for a second, as in the original experiment',
    )
    .option(
      '--vus <list>',
      `how many virtual users (default: ${levels.join(',')})`,
      toAscendingList(toInteger(1, 5000)),
    )
    .action((options: K6BaselineOptions) => actions.baseline(options));
  addMixedOptions(addCommonOptions(k6.command('mixed'), defaultMixedSettings))
    .description("the contrast's kinds of requests, each at a constant rate")
    .action((options: K6MixedOptions) => actions.mixed(options));
}

function addCommonOptions(command: Command, { measureMs, repeats }: K6Settings): Command {
  return addOutputOptions(
    addModeOptions(command)
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
        'what p99 of GET /users has to stay below, else exit code 1 (default: no limit)',
        toNumber(0.1, 60_000),
      ),
  );
}

function addMixedOptions(command: Command): Command {
  const { levels, warmupMs, ...rates } = defaultMixedSettings;
  return addTrafficOptions(command, rates)
    .option(
      '--load <list>',
      `compute loads, as multiples of what one thread can do (default: ${levels.join(',')})`,
      toAscendingList(toNumber(0, 100)),
    )
    .option(
      '--warmup <s>',
      `seconds of the same load before (default: ${sec(warmupMs)})`,
      toNumber(0, 600),
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
    ...toRates(options, base),
  };
}

function toSettings(
  options: K6Options,
  levels: readonly number[] | undefined,
  base: K6Settings,
): K6Settings {
  const { mode, repeats, duration, slo } = options;
  return {
    mode,
    levels: levels ?? base.levels,
    repeats: repeats ?? base.repeats,
    measureMs: duration === undefined ? base.measureMs : duration * 1000,
    warmupMs: base.warmupMs,
    sloP99Ms: slo ?? base.sloP99Ms,
    targetSettings: toTargetSettings(options),
  };
}
