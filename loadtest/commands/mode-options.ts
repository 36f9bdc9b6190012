import { type Command, InvalidArgumentError } from 'commander';
import type { ModeChoice } from '../experiments/mode-plan.ts';
import { collectSetting } from './contrast-options.ts';
import { toInteger } from './numbers.ts';

/** What commander hands over about the server of an experiment on one mode or both. */
export interface ModeOptions {
  readonly mode: ModeChoice;
  readonly threads?: number;
  readonly env?: Record<string, string>;
  readonly server?: string;
}

/** Gives a command the options about its server. */
export function addModeOptions(command: Command): Command {
  return command
    .option('--mode <mode>', 'inline, pool or both, a fresh server each', toMode, 'both')
    .option(
      '--threads <n>',
      "threads of the pool (default: the server's own choice)",
      toInteger(1, 1024),
    )
    .option('--env <NAME=value>', 'a setting of the server; repeatable', collectSetting)
    .option('--server <file>', 'another server with the same contract (default: the built one)');
}

/** The server's own settings from the command line's. */
export function toTargetSettings({ env, threads }: ModeOptions): Record<string, string> {
  return { ...env, ...(threads !== undefined && { POOL_THREADS: `${threads}` }) };
}

/** An option's parser: whole numbers within a range with commas between, ascending and each once. */
export function toAscendingIntegers(min: number, max: number): (text: string) => readonly number[] {
  const toItem = toInteger(min, max);
  return (text) => [...new Set(text.split(',').map(toItem))].sort((a, b) => a - b);
}

function toMode(text: string): ModeChoice {
  if (text === 'inline' || text === 'pool' || text === 'both') return text;
  throw new InvalidArgumentError('It must be inline, pool or both.');
}
