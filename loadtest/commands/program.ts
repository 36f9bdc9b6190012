import { Command } from 'commander';
import { readLabVersion } from '../generator/version.ts';
import type { LabContext } from '../lab-context.ts';
import { findProjectRoot } from '../target/server-entry.ts';
import { type AdmissionOptions, addAdmissionOptions, admission } from './admission.ts';
import * as bench from './bench.ts';
import { addBenchCommands } from './bench-options.ts';
import { burst } from './burst.ts';
import { addBurstOptions, type BurstOptions } from './burst-options.ts';
import { contrast } from './contrast.ts';
import { addContrastOptions, type ContrastOptions } from './contrast-options.ts';
import { k6Baseline, k6Mixed } from './k6.ts';
import { addK6Commands } from './k6-options.ts';
import { addKneeOptions, type KneeOptions, knee } from './knee.ts';
import { addOutputOptions, addRenderOptions } from './output-options.ts';
import { type Outputs, prepareOutputs } from './prepare-outputs.ts';
import { quick } from './quick.ts';
import { addQuickOptions, type QuickOptions } from './quick-options.ts';
import { compare, report } from './saved-results.ts';
import { seed } from './seed.ts';
import { addSeedOptions, type SeedOptions } from './seed-options.ts';

/** Makes a {@link LabContext} for a command's choice of server and Node.js. */
export type CreateLab = (choice: { server?: string; node?: string }) => LabContext;

/** All commands of the lab. `setExitCode` is called with what a command came to. */
export function createProgram(createLab: CreateLab, setExitCode: (code: number) => void): Command {
  const program = new Command('lab')
    .version(readLabVersion(findProjectRoot()), '--version')
    .description('Measures what a CPU-heavy endpoint does to everybody else.')
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(`${text.trim().replaceAll('\n', ' ')} (try --help)\n`),
    })
    .addHelpText(
      'after',
      '\nExit codes: 0 fine, 1 a condition does not hold, 2 wrong usage, 3 the measurement cannot be trusted or' +
        '\nthe lab failed, 130 and 143 stopped by Ctrl-C or SIGTERM.',
    );
  const run =
    <Options extends Outputs & { server?: string; node?: string }>(
      command: (lab: LabContext, options: Options) => Promise<number>,
    ) =>
    async (options: Options) => {
      const lab = createLab(options);
      await prepareOutputs(options);
      setExitCode(await command(lab, options));
    };

  addOutputOptions(addContrastOptions(program.command('contrast'))).action(
    run<ContrastOptions>(contrast),
  );
  addOutputOptions(addKneeOptions(program.command('knee'))).action(run<KneeOptions>(knee));
  addOutputOptions(addSeedOptions(program.command('seed'))).action(run<SeedOptions>(seed));
  addOutputOptions(addAdmissionOptions(program.command('admission'))).action(
    run<AdmissionOptions>(admission),
  );
  addQuickOptions(program.command('quick')).action(run<QuickOptions>(quick));
  addBurstOptions(program.command('burst')).action(run<BurstOptions>(burst));

  addK6Commands(program.command('k6'), { baseline: run(k6Baseline), mixed: run(k6Mixed) });

  addRenderOptions(program.command('report <result>'))
    .description('renders a saved result.json again')
    .option('--html <file>', 'where report.html goes (default: beside the result)')
    .action(async (path: string, options) =>
      setExitCode(await report(createLab({}), path, options)),
    );
  program
    .command('compare <first> <second>')
    .description('compares two saved results; exit code 3 when they are not comparable')
    .option('--json', 'print JSON instead of a table')
    .action(async (first: string, second: string, options) =>
      setExitCode(await compare(createLab({}), first, second, options)),
    );

  addBenchCommands(program.command('bench'), {
    users: run(bench.users),
    store: run(bench.store),
    start: run(bench.start),
    generator: run(bench.generator),
  });
  return program;
}
