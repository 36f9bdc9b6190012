import type { Command } from 'commander';
import { parseTargetSetting } from '../target/target-environment.ts';
import { toInteger } from './numbers.ts';

/** What commander hands over about the server under test. */
export interface TargetOptions {
  readonly threads?: number;
  readonly env?: Record<string, string>;
  readonly server?: string;
}

/** Gives a command the options about its server. */
export function addTargetOptions(command: Command): Command {
  return command
    .option(
      '--threads <n>',
      "threads of the pool (default: the server's own choice)",
      toInteger(1, 1024),
    )
    .option('--env <NAME=value>', 'a setting of every server; repeatable', collectSetting)
    .option('--server <file>', 'another server with the same contract (default: the built one)');
}

/** The server's own settings from the command line's. */
export function toTargetSettings({ env, threads }: TargetOptions): Record<string, string> {
  return { ...env, ...(threads !== undefined && { POOL_THREADS: `${threads}` }) };
}

function collectSetting(text: string, previous: Record<string, string> = {}) {
  const [name, value] = parseTargetSetting(text);
  return { ...previous, [name]: value };
}
