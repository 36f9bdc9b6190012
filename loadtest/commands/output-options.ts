import type { Command } from 'commander';

/** Where a command's result goes. */
export interface OutputOptions {
  readonly out: string;
  readonly json?: true;
}

/** Gives a command that measures the options about its result. */
export function addOutputOptions(command: Command): Command {
  return command
    .option('--out <folder>', 'where the folder of the result goes', 'results')
    .option('--json', 'print the result as JSON instead of the table');
}
