import { Command } from 'commander';
import type { LabContext } from '../lab-context.ts';
import * as bench from './bench.ts';
import { addBenchCommands } from './bench-options.ts';
import { contrast } from './contrast.ts';
import { addContrastOptions, type ContrastOptions } from './contrast-options.ts';
import { addOutputOptions } from './output-options.ts';

/** Makes a {@link LabContext} for a command's choice of server and Node.js. */
export type CreateLab = (choice: { server?: string; node?: string }) => LabContext;

/** All commands of the lab. `setExitCode` is called with what a command came to. */
export function createProgram(createLab: CreateLab, setExitCode: (code: number) => void): Command {
  const program = new Command('lab')
    .description('Measures what a CPU-heavy endpoint does to everybody else.')
    .exitOverride()
    .showHelpAfterError('(try --help)')
    .addHelpText(
      'after',
      '\nExit codes: 0 fine, 1 a stated limit was missed, 2 wrong usage, 3 the measurement cannot be trusted.',
    );
  const run =
    <Options extends { server?: string; node?: string }>(
      command: (lab: LabContext, options: Options) => Promise<number>,
    ) =>
    async (options: Options) =>
      setExitCode(await command(createLab(options), options));

  addOutputOptions(addContrastOptions(program.command('contrast'))).action(
    run<ContrastOptions>(contrast),
  );
  addBenchCommands(program.command('bench'), {
    users: run(bench.users),
    store: run(bench.store),
    start: run(bench.start),
  });
  return program;
}
