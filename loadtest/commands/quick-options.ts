import type { Command } from 'commander';
import { defaultQuickSettings as defaults, type QuickSettings } from '../experiments/quick-plan.ts';
import { addModeOptions, type ModeOptions } from './mode-options.ts';
import { toInteger, toNumber } from './numbers.ts';
import { toTargetSettings } from './target-options.ts';

/** What commander hands over for `quick`. */
export interface QuickOptions extends ModeOptions {
  readonly duration: number;
  readonly connections: number;
  readonly pressing: number;
  readonly json?: true;
}

/** Gives a command the options of the quick check. */
export function addQuickOptions(command: Command): Command {
  return addModeOptions(command)
    .description(
      'a closed-loop check with autocannon: GET /users and GET /health, without and with GET /compute pressed',
    )
    .option(
      '--duration <s>',
      'seconds of load per mode: half of them without /compute, half with; a tenth of each half warms up and does not count',
      toNumber(1, 3600),
      defaults.durationMs / 1000,
    )
    .option(
      '--connections <n>',
      'connections, half of them for GET /users, half for GET /health',
      toInteger(2, 10_000),
      defaults.connections,
    )
    .option(
      '--pressing <n>',
      'connections besides, for GET /compute',
      toInteger(1, 10_000),
      defaults.pressingConnections,
    )
    .option('--json', 'print the result as JSON instead of the table')
    .addHelpText(
      'after',
      '\nTakes about 10 s for one mode and 20 s for both, and is no measurement to decide by: see docs/autocannon.md.',
    );
}

/** The experiment's settings from the command line's. */
export function toQuickSettings(options: QuickOptions): QuickSettings {
  return {
    mode: options.mode,
    connections: options.connections,
    pressingConnections: options.pressing,
    durationMs: options.duration * 1000,
    settings: toTargetSettings(options),
  };
}
