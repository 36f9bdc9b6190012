import { describeTiming } from '../timing-lines.ts';
import { renderRuns } from './environment-section.ts';
import { type Html, html, keepTogether } from './markup.ts';
import type { ReportView } from './report-view.ts';

/** How it was measured, and what cannot be read from it. */
export function renderMethod(view: ReportView): Html {
  const list = (items: readonly string[]) =>
    html`<ul>${items.map((item) => html`<li>${keepTogether(item)}</li>`)}</ul>`;
  return html`<section aria-labelledby="method"><h2 id="method">How it was measured</h2>${list(describeMethod(view))}${renderRuns(view)}</section>
    <section aria-labelledby="limits"><h2 id="limits">What the numbers do not show</h2>${list(describeLimits(view))}</section>
  `;
}

function describeMethod(view: ReportView): string[] {
  const { result, repetitions, targets, loadUnit } = view;
  const [run] = result.plan.runs;
  const seconds = (ms: number | undefined) => `${(ms ?? 0) / 1000} s`;
  const warmup =
    (run?.warmupMs ?? 0) > 0 ? `${seconds(run?.warmupMs)} of the same load to warm up, then ` : '';
  return [
    describeModel(view),
    `Every run is a fresh server process: ${warmup}a window of ${seconds(run?.measureMs)}, then at most ${seconds(run?.drainMs)} for the last answers.`,
    `${result.complete ? '' : `${result.plan.runs.length} runs were planned. `}${result.runs.length} were made, up to ${repetitions} of each target (${targets.join(', ')}) at each load.`,
    ...(loadUnit === 'threads'
      ? [
          'Load 1 is what one thread can do: offered rate × time of one call, measured beforehand on a server that was otherwise idle.',
        ]
      : []),
    'Percentiles of several runs come from their added histograms (to 0.1 %), never from averaged percentiles. Of n requests the curve ends at the percentile that one of n stands for.',
    result.generator.tool === 'k6'
      ? 'A run is invalid when k6 did not begin 99 % of its schedule, ran out of sockets or ports of its own, or got no answer at all. How late it began a request and how busy it was k6 does not tell.'
      : 'A run is invalid when the load generator itself was late (p99 over 10 ms), busy (over 80 %) or did not send 99 % of its schedule.',
  ];
}

function describeModel({ result, loadUnit }: ReportView): string {
  if (loadUnit === 'virtual users' || result.generator.tool === 'k6') return describeTiming(result);
  return 'Requests leave by a schedule that does not wait for answers, the same for every target. A response time counts from when its request was meant to leave, so a server that stalls cannot hide it.';
}

function describeLimits({ result, repetitions, loadUnit }: ReportView): string[] {
  const { availableParallelism: cores } = result.environment;
  const threads = Math.max(0, ...result.runs.map(({ server }) => server.threads));
  const busy = threads + 2;
  const sharing =
    busy > cores
      ? `Load generator, event loop and ${threads} pool threads shared ${cores} ${cores === 1 ? 'core' : 'cores'}: times include waiting for a core, and how much compute got done is a figure of this machine.`
      : 'Load generator, event loop and pool threads had a core each. With fewer cores the times will differ.';
  return [
    ...(result.runs.length === 0 ? [] : [sharing]),
    'Everything ran on one machine over the loopback interface: there is no network in these times, and no load balancer, TLS or database.',
    `The window is short. What builds up over minutes (memory, heat, a neighbour’s load) is not in it${repetitions === 1 ? ', and with one run each neither is how much runs differ' : ''}.`,
    loadUnit === 'threads'
      ? 'Above load 1 a queue without a bound grows for as long as the load lasts: times there are as long as the window made them, and say “it does not keep up”, not “it takes this long”.'
      : 'Virtual users send less to a server that answers late. What independent users, who do not wait for one another, would have met is not in these times.',
    'Times of one task on one machine are no forecast for another task: measure your own.',
  ];
}
