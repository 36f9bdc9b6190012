import { type Command, Option } from 'commander';
import { checkAssertions } from '../analysis/assertions.ts';
import {
  type AdmissionSettings,
  createAdmissionPlan,
  defaultAdmissionSettings as defaults,
} from '../experiments/admission-plan.ts';
import { countConnections } from '../experiments/count-connections.ts';
import { executePlan } from '../experiments/execute-plan.ts';
import type { LabContext } from '../lab-context.ts';
import { checkOpenFileLimit } from '../process/open-file-limit.ts';
import { deliver } from './deliver.ts';
import { addModeOptions, type ModeOptions } from './mode-options.ts';
import { toAscendingList, toInteger, toNumber } from './numbers.ts';
import type { OutputOptions } from './output-options.ts';
import { toTargetSettings } from './target-options.ts';

/** What commander hands over for `admission`. */
export interface AdmissionOptions extends OutputOptions, ModeOptions {
  readonly clients: readonly number[];
  readonly rate: number;
  readonly duration: number;
}

/** Gives a command the options of the admission of newcomers. */
export function addAdmissionOptions(command: Command): Command {
  command
    .description('how long new connections wait on a server whose clients keep it computing')
    .addOption(
      new Option('--clients <list>', 'numbers of busy clients, a run each')
        .argParser(toAscendingList(toInteger(1, 1000)))
        .default(defaults.clients, defaults.clients.join(',')),
    )
    .option(
      '--rate <n>',
      'newcomers per second, GET /health on a new connection each',
      toNumber(1, 200),
      defaults.newcomersPerSec,
    )
    .option('--duration <s>', 'seconds per run', toNumber(1, 600), defaults.measureMs / 1000);
  return addModeOptions(command);
}

/** The experiment's settings from the command line's. */
export function toAdmissionSettings(options: AdmissionOptions): AdmissionSettings {
  const { mode, clients, rate, duration } = options;
  return {
    mode,
    clients,
    newcomersPerSec: rate,
    measureMs: duration * 1000,
    targetSettings: toTargetSettings(options),
  };
}

/** `lab admission`: measures, saves, prints; resolves with the exit code. */
export async function admission(lab: LabContext, options: AdmissionOptions): Promise<number> {
  const plan = createAdmissionPlan(toAdmissionSettings(options), lab.drawSeed());
  checkOpenFileLimit(countConnections(plan), '--clients');
  checkAssertions(options.assert ?? [], { experiment: 'admission', plan });
  return await deliver(
    lab,
    await executePlan(lab, { experiment: 'admission', createPlan: () => plan }),
    options,
  );
}
