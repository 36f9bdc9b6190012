import type { LabResult } from '../result/result.ts';
import { describeMachine } from './machine-line.ts';
import { renderDuration, renderRate } from './units.ts';

/**
 * Why newcomers wait as they do, a line each, however long.
 * @see https://github.com/libuv/libuv/pull/3696 (libuv 1.45 accepts one connection per turn of the loop)
 */
export function explainAdmission({ calibration, environment, plan, runs }: LabResult): string[] {
  const { serviceTimeMs } = calibration;
  const most = Math.max(0, ...runs.map((run) => run.plan.offeredLoad));
  const [run] = plan.runs;
  return [
    'Connected is not accepted: the kernel completes a connection by itself and holds it in the accept queue until the server takes it.',
    `libuv takes one connection per turn of the event loop since 1.45 (Node 20.3); here it is ${environment.libuvVersion}. Inline, a turn with n ` +
      'busy clients holds up to n computations of c each, so about 1 ÷ (n × c) newcomers are taken: ' +
      `${most} × ${renderDuration(serviceTimeMs)} leave room for ${renderRate(1000 / (most * serviceTimeMs))} a second. When more come, the queue grows.`,
    'The queue is first in, first out, and busy clients that are not in yet wait in it too.',
    'With the pool a turn hands computations over and computes none, so it takes newcomers as they come.',
    `Never answered: not within the run and the ${(run?.drainMs ?? 0) / 1000} s after it, in which the busy clients go on. In the times it counts at the age it had reached (≥).`,
    ...explainBusyClients(plan),
    'Windows differs: there libuv has 32 accepts under way at a time.',
    describeMachine(environment),
  ];
}

function explainBusyClients({ streams }: LabResult['plan']): string[] {
  const rate = streams.find(({ name }) => name === 'compute')?.arrivalRate;
  if (rate?.kind !== 'virtual-users') return [];
  return [
    `A busy client asks for /compute, waits for the answer, pauses for ${renderDuration(rate.thinkTimeMs)} and asks again. The pool refuses at ` +
      'once whom its queue has no room for (503 QUEUE_FULL); without the pause such a client would do nothing but ask.',
  ];
}
