import { type Command, Option } from 'commander';
import { type Assertion, parseAssertion } from '../analysis/assertion-syntax.ts';

/** What is made of a result. */
export interface RenderOptions {
  readonly assert?: readonly Assertion[];
  readonly junit?: string;
  /** Empty: none. */
  readonly summary?: string;
  readonly json?: true;
}

/** Where a command's result goes, and what is made of it. */
export interface OutputOptions extends RenderOptions {
  readonly out: string;
}

/** Gives a command that has a result the options about what is made of it. */
export function addRenderOptions(command: Command): Command {
  return command
    .option(
      '--assert <condition>',
      "exit with 1 unless it holds, such as 'users.p99.pool < 50ms'; repeatable",
      (text: string, previous: readonly Assertion[] = []) => [...previous, parseAssertion(text)],
    )
    .option('--junit <file>', 'write validity and conditions as JUnit XML')
    .addOption(
      new Option('--summary <file>', 'append a summary in Markdown').env('GITHUB_STEP_SUMMARY'),
    )
    .option('--json', 'print the result as JSON instead of the table');
}

/** Gives a command that measures the options about its result. */
export function addOutputOptions(command: Command): Command {
  return addRenderOptions(
    command.option('--out <folder>', 'where the folder of the result goes', 'results'),
  );
}
