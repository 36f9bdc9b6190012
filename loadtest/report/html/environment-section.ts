import { nameLoad } from '../load-name.ts';
import { renderDuration, renderPercent, renderRate } from '../units.ts';
import { renderTable } from './figure.ts';
import { type Html, html } from './markup.ts';
import type { ReportView } from './report-view.ts';

/** Where and under which settings it was measured. */
export function renderEnvironment({ result }: ReportView): Html {
  const { environment: machine, plan, calibration, generator } = result;
  const facts: [string, string][] = [
    ['CPU', machine.cpuModel],
    ['Cores', `${machine.cores}, usable ${machine.availableParallelism}`],
    ['Memory', `${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB`],
    ['Node.js', machine.nodeVersion],
    ['libuv', machine.libuvVersion],
    ['V8', machine.v8Version],
    ['System', `${machine.platform} ${machine.arch}, kernel ${machine.kernelRelease}`],
    ['somaxconn', machine.somaxconn === null ? 'not known' : `${machine.somaxconn}`],
    ['Commit', describeCommit(machine.git)],
    ['Load generator', `${generator.tool} ${generator.version}`],
    ['Task', plan.task ?? 'the built-in sum'],
    [
      'One call takes',
      `${renderDuration(calibration.serviceTimeMs)} of a thread, so one thread can do ${renderRate(1000 / calibration.serviceTimeMs)} per second`,
    ],
    ...plan.targets.map(({ name, settings }): [string, string] => [
      `Target ${name}`,
      Object.entries(settings)
        .map(([key, value]) => `${key}=${value}`)
        .join(' '),
    ]),
  ];
  return html`<section aria-labelledby="environment"><h2 id="environment">Environment</h2>
    <dl>${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></section>
  `;
}

/** Every run as it was made. */
export function renderRuns({ result }: ReportView): Html {
  const table = renderTable({
    head: [
      '#',
      'Target',
      'Load',
      'Repetition',
      'Threads',
      'Generator late, p99',
      'Generator busy',
      'CPU of others',
      'Server ended',
      'Valid',
    ],
    rows: result.runs.map(({ plan, server, selfCheck, host, invalidReasons }, index) => [
      `${index + 1}`,
      plan.target,
      nameLoad(plan.offeredLoad, result.plan.loadUnit),
      `${plan.repetition}`,
      `${server.threads}`,
      renderDuration(selfCheck.lagP99Ms ?? undefined),
      renderPercent(selfCheck.eventLoopUtilization),
      renderPercent(
        host.othersCpuRatio === null ? null : host.othersCpuRatio + (host.stolenCpuRatio ?? 0),
      ),
      server.stoppedGracefully ? 'by itself' : 'killed',
      invalidReasons.length === 0 ? 'yes' : invalidReasons.map(({ code }) => code).join(', '),
    ]),
  });
  return html`<details><summary>Every run, in the order it was made</summary><div class="scroll" tabindex="0">${table}</div></details>`;
}

function describeCommit(git: { commit: string; dirty: boolean } | null): string {
  if (git === null) return 'not known';
  return `${git.commit.slice(0, 12)}${git.dirty ? ', with changes that are not committed' : ''}`;
}
