import type { Command } from 'commander';
import type { ContrastSettings } from '../experiments/contrast-plan.ts';
import { toNumber } from './numbers.ts';

type Rates = Pick<
  ContrastSettings,
  'usersPerSec' | 'newcomersPerSec' | 'createPerSec' | 'healthPerSec'
>;

/** What commander hands over about the cheap requests. */
export interface TrafficOptions {
  readonly rateUsers?: number;
  readonly rateNewcomers?: number;
  readonly rateCreate?: number;
  readonly rateHealth?: number;
}

/** Gives a command the options about the cheap requests that are sent throughout. */
export function addTrafficOptions(command: Command, defaults: Rates): Command {
  return command
    .option(
      '--rate-users <n>',
      `GET /users per second, on kept connections (default: ${defaults.usersPerSec})`,
      toNumber(1, 10_000),
    )
    .option(
      '--rate-newcomers <n>',
      `GET /users per second, a new connection each (default: ${defaults.newcomersPerSec})`,
      toNumber(0.1, 300),
    )
    .option(
      '--rate-create <n>',
      `POST /users per second (default: ${defaults.createPerSec})`,
      toNumber(0.1, 1000),
    )
    .option(
      '--rate-health <n>',
      `GET /health per second, a new connection each (default: ${defaults.healthPerSec})`,
      toNumber(1, 300),
    );
}

/** The rates from the command line's, and the defaults for those that were not given. */
export function toRates(options: TrafficOptions, defaults: Rates): Rates {
  return {
    usersPerSec: options.rateUsers ?? defaults.usersPerSec,
    newcomersPerSec: options.rateNewcomers ?? defaults.newcomersPerSec,
    createPerSec: options.rateCreate ?? defaults.createPerSec,
    healthPerSec: options.rateHealth ?? defaults.healthPerSec,
  };
}
