import { type Command, InvalidArgumentError } from 'commander';
import type { ModeChoice } from '../experiments/mode-plan.ts';
import { addTargetOptions, type TargetOptions } from './target-options.ts';

/** What commander hands over about the servers of an experiment on one mode or both. */
export interface ModeOptions extends TargetOptions {
  readonly mode: ModeChoice;
}

/** Gives a command the options about its servers. */
export function addModeOptions(command: Command): Command {
  return addTargetOptions(
    command.option('--mode <mode>', 'inline, pool or both, a fresh server each', toMode, 'both'),
  );
}

function toMode(text: string): ModeChoice {
  if (text === 'inline' || text === 'pool' || text === 'both') return text;
  throw new InvalidArgumentError('It must be inline, pool or both.');
}
