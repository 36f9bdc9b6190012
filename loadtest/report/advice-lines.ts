import { type Advice, isWorthDispatching, type Limit } from '../analysis/advice.ts';
import type { OffloadReason } from '../analysis/offload-advice.ts';
import { renderDuration, renderRatio } from './units.ts';

/** A piece of advice as a sentence or a few, with what it is about. */
export interface AdviceSentence {
  readonly topic: 'Offload' | 'Break-even' | 'Threads' | 'Queue' | 'Limited by';
  readonly text: string;
}

/** The advice in words, for whatever shows it. What was not measured is not mentioned, or said to be so. */
export function toSentences(advice: Advice): AdviceSentence[] {
  return [
    { topic: 'Offload', text: sayOffload(advice) },
    { topic: 'Break-even', text: sayBreakEven(advice) },
    ...sayThreads(advice).map((text) => ({ topic: 'Threads' as const, text })),
    ...sayQueue(advice).map((text) => ({ topic: 'Queue' as const, text })),
    ...advice.limits.map((limit) => ({ topic: 'Limited by' as const, text: sayLimit(limit) })),
  ];
}

/** The advice for the terminal. */
export function renderAdvice(advice: Advice): string[] {
  return toSentences(advice).map(({ topic, text }) => `${topic}: ${text}`);
}

function sayOffload({ offload: { answer, reasons } }: Advice): string {
  const why = reasons.map(sayReason).join('; ');
  switch (answer) {
    case 'not measured':
      return 'not measured: that takes inline and pool under the same compute load.';
    case 'yes':
      return `yes: ${why}.`;
    case 'no':
      return `no: ${why}.`;
    case 'cannot tell':
      return `cannot tell${why === '' ? '' : `: ${why}`}.`;
  }
}

function sayReason(reason: OffloadReason): string {
  switch (reason.kind) {
    case 'ratio': {
      const { offeredLoad, ratio } = reason;
      return (
        `at compute load ${offeredLoad} p95 of GET /users is ${renderRatio(ratio.value)} as long inline ` +
        `(${renderRatio(ratio.low)} to ${renderRatio(ratio.high)})`
      );
    }
    case 'overload':
      return (
        `at compute load ${reason.offeredLoad} ${reason.overloaded} does not keep up: GET /users waits ` +
        `${renderDuration(reason.growthMsPerSec.value)} longer for each second of load, and the other mode keeps up`
      );
    case 'knee':
      return Number.isFinite(reason.high)
        ? `the pool carries ${reason.low.toFixed(1)} to ${reason.high.toFixed(1)} times the compute load`
        : `the pool carries at least ${reason.low.toFixed(1)} times the compute load`;
    case 'too short':
      return `one call is shorter than what handing it over costs the event loop (${renderDuration(reason.breakEvenMs.value)})`;
    case 'cached':
      return 'later calls take far less than the first, so the task may remember its inputs: give different ones with --inputs';
    case 'invalid':
      return 'the measurement cannot be trusted';
  }
}

function sayBreakEven({ overhead, serviceTimeMs }: Advice): string {
  if (overhead === undefined) {
    return 'not measured here, so below which task length handing over costs more than it saves is not known.';
  }
  const { breakEvenMs, addedLatencyMs } = overhead;
  const isWorth = isWorthDispatching(serviceTimeMs, breakEvenMs);
  const thisTask =
    isWorth === undefined
      ? `is too close to it to tell`
      : `is ${renderRatio(serviceTimeMs / Math.max(breakEvenMs.value, 0.001))} that`;
  return (
    `handing a task over costs the event loop ${renderDuration(breakEvenMs.value)} of CPU time ` +
    `(${renderDuration(breakEvenMs.low)} to ${renderDuration(breakEvenMs.high)}) and the call ` +
    `${renderDuration(addedLatencyMs.value)} of response time on an idle server. A shorter task keeps the loop ` +
    `freer inline; this one, at ${renderDuration(serviceTimeMs)}, ${thisTask}.`
  );
}

function sayThreads({ threads }: Advice): string[] {
  if (threads === undefined) return [];
  const { measured, cores } = threads;
  const coresText = `${cores} usable ${cores === 1 ? 'core' : 'cores'}`;
  if (measured > cores) {
    return [
      `${cores}, one per usable core; more, as the ${measured} measured, cannot run at once.`,
    ];
  }
  const more = measured < cores ? ' More, up to one per core, were not measured.' : '';
  return [`${measured}, as measured, on ${coresText}.${more}`];
}

function sayQueue({ queue }: Advice): string[] {
  if (queue === undefined) return [];
  const { queueMax, maxWaitMs, threads, serviceTimeMs } = queue;
  return [
    `COMPUTE_QUEUE_MAX=${queueMax} keeps every wait within the budget of ${renderDuration(maxWaitMs)} ` +
      `(max wait × threads ÷ c = ${renderDuration(maxWaitMs)} × ${threads} ÷ ${renderDuration(serviceTimeMs)}); ` +
      'a shorter one refuses sooner, a longer one only makes callers wait for a refusal.',
  ];
}

function sayLimit(limit: Limit): string {
  switch (limit.kind) {
    case 'invalid':
      return 'disturbance: runs are invalid, so nothing above should be acted on.';
    case 'incomplete':
      return 'an early stop: not all runs were made.';
    case 'cores':
      return (
        `cores: ${limit.threads} pool ${limit.threads === 1 ? 'thread' : 'threads'}, event loop and load generator shared ${limit.cores}. ` +
        'A server without the generator beside it has more.'
      );
    case 'queue':
      return `the queue: at compute load ${Number(limit.offeredLoad.toFixed(2))} the pool refused ${limit.refused} requests in ${limit.runs} ${limit.runs === 1 ? 'run' : 'runs'}.`;
  }
}
