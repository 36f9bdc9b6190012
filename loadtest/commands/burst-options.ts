import { type Command, InvalidArgumentError, Option } from 'commander';
import { defaultBurstSettings as defaults } from '../experiments/burst.ts';
import { LabError } from '../lab-error.ts';
import type { BurstSettings, LoopState } from '../result/burst-result.ts';
import { toInteger, toNumber } from './numbers.ts';

/** What commander hands over for `burst`. */
export interface BurstOptions {
  readonly connections: number;
  readonly backlogs: readonly number[];
  readonly loop: readonly LoopState[];
  readonly block: number;
  readonly deadline: number;
  readonly json?: true;
  readonly out: string;
  readonly server?: string;
}

/** Gives a command the options of `burst`. */
export function addBurstOptions(command: Command): Command {
  return command
    .description('what really happens when connections come faster than the server accepts them')
    .option(
      '--connections <n>',
      'connections that are opened at once',
      toInteger(1, 10_000),
      defaults.connections,
    )
    .addOption(
      new Option('--backlogs <list>', 'lengths of the accept queue to ask for')
        .argParser(toBacklogs)
        .default(defaults.backlogs, defaults.backlogs.join(',')),
    )
    .addOption(
      new Option('--loop <state>', 'the event loop meanwhile: free, blocked or both')
        .argParser(toLoops)
        .default(defaults.loops, 'both'),
    )
    .option(
      '--block <s>',
      'seconds for which it is blocked, about',
      toNumber(1, 20),
      defaults.blockMs / 1000,
    )
    .option(
      '--deadline <s>',
      'seconds after which what is not finished is given up',
      toNumber(1, 120),
      defaults.deadlineMs / 1000,
    )
    .option('--json', 'print the result as JSON instead of the table')
    .option('--out <folder>', 'where the folder of the result goes', 'results')
    .option('--server <file>', 'another server with the same contract (default: the built one)');
}

/** The experiment's settings from the command line's. Throws a {@link LabError} when they contradict each other. */
export function toBurstSettings(options: BurstOptions): BurstSettings {
  const { connections, backlogs, loop, block, deadline } = options;
  if (loop.includes('blocked') && deadline <= block) {
    throw new LabError(
      `--deadline ${deadline} ends before a loop that is blocked for ${block} s turns again`,
      2,
    );
  }
  return {
    connections,
    backlogs: [...backlogs],
    loops: [...loop],
    blockMs: block * 1000,
    deadlineMs: deadline * 1000,
  };
}

function toBacklogs(text: string): readonly number[] {
  return [...new Set(text.split(',').map(toInteger(1, 65_535)))];
}

function toLoops(text: string): readonly LoopState[] {
  if (text === 'both') return ['free', 'blocked'];
  if (text === 'free' || text === 'blocked') return [text];
  throw new InvalidArgumentError('It must be free, blocked or both.');
}
