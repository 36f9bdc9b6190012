import type { Command } from 'commander';
import { fewestRounds } from '../stats/estimate.ts';
import { toInteger } from './numbers.ts';

/** What commander hands over for the benchmarks. `requests`, `users` and `rates` are not read by all. */
export interface BenchOptions {
  readonly rounds: number;
  readonly requests: number;
  readonly users: number;
  readonly node?: string;
  readonly rates?: readonly number[];
  readonly json?: true;
  readonly server?: string;
}

/** The rates that `bench generator` offers, in requests per second. */
export const defaultGeneratorRates: readonly number[] = [1000, 2000, 5000, 8000];

/** What the benchmarks' commands do. */
export interface BenchActions {
  users(options: BenchOptions): Promise<void>;
  start(options: BenchOptions): Promise<void>;
  store(options: BenchOptions): Promise<void>;
  generator(options: BenchOptions): Promise<void>;
}

/** Gives the `bench` command its benchmarks. */
export function addBenchCommands(bench: Command, actions: BenchActions): void {
  bench.description(
    'what the server costs; exit code 1 when a stated limit is missed, 3 when the rounds cannot tell',
  );
  withCommonOptions(bench.command('users'))
    .description(
      'CPU time per GET /users: ours, stock Express and bare node:http side by side (Linux)',
    )
    .option('--rounds <n>', 'rounds that count', toInteger(fewestRounds, 1000), 45)
    .option('--requests <n>', 'requests per server and round', toInteger(100, 1_000_000), 5000)
    .action((options: BenchOptions) => actions.users(options));
  withCommonOptions(bench.command('store'))
    .description('CPU time per request to /users with few users and with many (Linux)')
    .option('--rounds <n>', 'rounds that count', toInteger(fewestRounds, 1000), 45)
    .option('--requests <n>', 'requests per server and round', toInteger(100, 1_000_000), 3000)
    .option('--users <n>', 'how many are many', toInteger(100, 10_000_000), 1_000_000)
    .action((options: BenchOptions) => actions.store(options));
  withCommonOptions(bench.command('start'))
    .description('time from starting the process to ready, pool mode')
    .option('--rounds <n>', 'starts', toInteger(fewestRounds, 1000), 10)
    .action((options: BenchOptions) => actions.start(options));
  bench
    .command('generator')
    .description('how well one load generator process keeps its schedule, by rate (Linux)')
    .option(
      '--rates <list>',
      `requests per second (default: ${defaultGeneratorRates.join(',')})`,
      toRates,
    )
    .option('--rounds <n>', 'rounds, five seconds a rate', toInteger(fewestRounds, 1000), 5)
    .option('--json', 'print JSON instead of a table')
    .action((options: BenchOptions) => actions.generator(options));
}

function toRates(text: string): readonly number[] {
  return text.split(',').map(toInteger(1, 50_000));
}

function withCommonOptions(command: Command): Command {
  return command
    .option('--node <file>', 'the Node.js that runs the servers (default: this one)')
    .option('--json', 'print JSON instead of a table')
    .option('--server <file>', 'another server in place of ours (default: the built one)');
}
