import { type Command, InvalidArgumentError } from 'commander';
import { defaultQuickSettings as defaults, type QuickSettings } from '../experiments/quick-plan.ts';
import { collectSetting } from './contrast-options.ts';
import { toInteger, toNumber } from './numbers.ts';

/** What commander hands over for `quick`. */
export interface QuickOptions {
  readonly mode: QuickSettings['mode'];
  readonly duration: number;
  readonly connections: number;
  readonly pressing: number;
  readonly threads?: number;
  readonly env?: Record<string, string>;
  readonly json?: true;
  readonly server?: string;
}

/** Gives a command the options of the quick check. */
export function addQuickOptions(command: Command): Command {
  return command
    .description(
      'a closed-loop check with autocannon: GET /users and GET /health, without and with GET /compute pressed',
    )
    .option('--mode <mode>', 'inline, pool or both, a fresh server each', toMode, defaults.mode)
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
    .option(
      '--threads <n>',
      "threads of the pool (default: the server's own choice)",
      toInteger(1, 1024),
    )
    .option('--env <NAME=value>', 'a setting of the server; repeatable', collectSetting)
    .option('--json', 'print the result as JSON instead of the table')
    .option('--server <file>', 'another server with the same contract (default: the built one)')
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
    settings: {
      ...options.env,
      ...(options.threads !== undefined && { POOL_THREADS: `${options.threads}` }),
    },
  };
}

function toMode(text: string): QuickSettings['mode'] {
  if (text === 'inline' || text === 'pool' || text === 'both') return text;
  throw new InvalidArgumentError('It must be inline, pool or both.');
}
