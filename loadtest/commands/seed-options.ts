import { type Command, Option } from 'commander';
import { type GeneratorName, generatorNames } from '../experiments/choose-generator.ts';
import {
  defaultSeedSettings as defaults,
  type SeedSettings,
  virtualUsersBeyond,
} from '../experiments/seed-plan.ts';
import { addModeOptions, type ModeOptions } from './mode-options.ts';
import { toAscendingList, toInteger, toNumber } from './numbers.ts';
import type { OutputOptions } from './output-options.ts';
import { toTargetSettings } from './target-options.ts';

/** All users of a run are connected at once, and Linux has 28,000 ports for that. */
const maxVirtualUsers = 20_000;

/** What commander hands over for `seed`. */
export interface SeedOptions extends OutputOptions, ModeOptions {
  readonly vus: readonly number[];
  readonly beyond?: true;
  readonly duration: number;
  readonly generator: GeneratorName;
}

/** Gives a command the options of the original experiment. */
export function addSeedOptions(command: Command): Command {
  command
    .description('the experiment this project began with, its figures beside ours: virtual users')
    .addOption(
      new Option('--vus <list>', 'numbers of virtual users, a test each')
        .argParser(toAscendingList(toInteger(1, maxVirtualUsers)))
        .default(defaults.virtualUsers, defaults.virtualUsers.join(',')),
    )
    .option('--beyond', `tests with ${virtualUsersBeyond.join(', ')} virtual users besides`)
    .option('--duration <s>', 'seconds per test', toNumber(1, 3600), defaults.measureMs / 1000)
    .addOption(
      new Option('--generator <name>', 'what makes the virtual users; auto: k6 where there is one')
        .choices(generatorNames)
        .default('auto'),
    );
  return addModeOptions(command);
}

/** The experiment's settings from the command line's. */
export function toSeedSettings(options: SeedOptions): SeedSettings {
  const { mode, vus, beyond, duration } = options;
  const all = beyond ? [...vus, ...virtualUsersBeyond] : vus;
  return {
    mode,
    virtualUsers: [...new Set(all)].sort((a, b) => a - b),
    measureMs: duration * 1000,
    targetSettings: toTargetSettings(options),
  };
}
