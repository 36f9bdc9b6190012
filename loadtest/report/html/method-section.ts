import { describeCalls, describeRuns } from '../conditions.ts';
import { describeTiming } from '../timing-lines.ts';
import { renderRuns } from './environment-section.ts';
import { type Html, html, keepTogether } from './markup.ts';
import type { ReportView } from './report-view.ts';

/** How it was measured, and what cannot be read from it. */
export function renderMethod(view: ReportView): Html {
  const list = (items: readonly string[]) =>
    html`<ul>${items.map((item) => html`<li>${keepTogether(item)}</li>`)}</ul>`;
  return html`<section aria-labelledby="method"><h2 id="method">How it was measured</h2>${list(describeMethod(view))}${view.result.runs.length === 0 ? html`` : renderRuns(view)}</section>
    <section aria-labelledby="limits"><h2 id="limits">What the numbers do not show</h2>${list(describeLimits(view))}</section>
  `;
}

function describeMethod(view: ReportView): string[] {
  const { result, loadUnit } = view;
  const { plan, runs, complete } = result;
  const [run] = runs;
  if (run === undefined) return [...describeCalls(result), ...describeOverhead(result)];
  return [
    ...(result.generator.tool === 'k6' ? [describeTiming(result)] : describeSending(view)),
    ...describeRuns(result),
    `After a window at most ${run.plan.drainMs / 1000} s are waited for the last answers.${complete ? '' : ` ${plan.runs.length} runs were planned, ${runs.length} were made.`}`,
    loadUnit === 'threads'
      ? 'Load 1 is what one thread can do: offered rate × time of one call, measured beforehand on a server that was otherwise idle.'
      : 'The load is the number of virtual users. All begin at once.',
    ...describeCalls(result),
    ...describeOverhead(result),
    'A percentile is the geometric mean over the runs of each run’s own, and a run has one only with at least four requests beyond it. Charts add the runs’ histograms, which are exact to 0.1 %: of n requests the curve ends at the percentile that one of n stands for.',
    describeInvalidity(view),
  ];
}

function describeOverhead({ overhead }: ReportView['result']): string[] {
  if (!overhead) return [];
  return [
    `What handing over costs was measured one call at a time, on both modes in turns, in ${overhead.rounds.length} rounds of ${overhead.callsPerRound} calls: as CPU time of the event loop’s thread, from the kernel.`,
  ];
}

function describeInvalidity({ result, loadUnit }: ReportView): string {
  if (result.generator.tool === 'k6') {
    return 'A run is invalid when k6 did not begin 99 % of its schedule, ran out of sockets or ports of its own, or got no answer at all. How late it began a request and how busy it was k6 does not tell.';
  }
  const own =
    'A run is invalid when others took more than a tenth of the CPU time while little was left, or when the load generator itself was late (p99 over 10 ms), busy (over 80 %) or did not send 99 % of its schedule.';
  return loadUnit === 'threads'
    ? own
    : `${own} Of virtual users that is so for times alone: how many requests were sent and how many failed holds.`;
}

/** By a schedule, or when answers come: a page must not claim one of the other. */
function describeSending({ streams }: ReportView): string[] {
  const closed = streams.filter(({ isClosedLoop }) => isClosedLoop);
  const open = streams.filter(({ isClosedLoop }) => !isClosedLoop);
  const titlesOf = (some: typeof streams) => some.map(({ title }) => title).join(', ');
  const isMixed = closed.length > 0 && open.length > 0;
  return [
    ...(open.length === 0
      ? []
      : [
          `${isMixed ? `${titlesOf(open)}: requests` : 'Requests'} leave by a schedule that does not wait for answers, the same for every target. A response time counts from when its request was meant to leave, so a server that stalls cannot hide it.`,
        ]),
    ...(closed.length === 0
      ? []
      : [
          `${isMixed ? `${titlesOf(closed)}: a` : 'A'} closed loop. Each virtual user sends, waits for the answer, thinks, and sends again, so a server that stalls is asked less and part of the stall stays hidden. A response time counts from the end of the thinking.`,
        ]),
  ];
}

function describeLimits({ result, repetitions, loadUnit, streams }: ReportView): string[] {
  const isComputing = streams.some(({ name }) => name === 'compute');
  const oneMachine =
    'Everything ran on one machine over the loopback interface: there is no network in these times, and no load balancer, TLS or database.';
  if (result.runs.length === 0) return [oneMachine];
  return [
    describeSharing(result, isComputing),
    oneMachine,
    `The window is short. What builds up over minutes (memory, heat, a neighbour’s load) is not in it${repetitions === 1 ? ', and with one run each neither is how much runs differ' : ''}.`,
    ...(loadUnit === 'threads'
      ? [
          'Where a target does not keep up, times grow for as long as the load lasts. So there is no percentile of them: only how fast they grow is a figure of the target.',
        ]
      : []),
    ...(isComputing
      ? ['Times of one task on one machine are no forecast for another task: measure your own.']
      : []),
  ];
}

function describeSharing(result: ReportView['result'], isComputing: boolean): string {
  const { availableParallelism: cores } = result.environment;
  const coresText = `${cores} ${cores === 1 ? 'core' : 'cores'}`;
  if (!isComputing) {
    return `Load generator and server shared ${coresText}: the more users, the more of the times is waiting for a core.`;
  }
  const threads = Math.max(0, ...result.runs.map(({ server }) => server.threads));
  return threads + 2 > cores
    ? `Load generator, event loop and ${threads} pool threads shared ${coresText}: times include waiting for a core, and how much compute got done is a figure of this machine.`
    : 'Load generator, event loop and pool threads had a core each. With fewer cores the times will differ.';
}
