import type { ConnectionPolicy } from '../generator/load-plan.ts';
import type { LabResult } from '../result/result.ts';

/** What a response time of this result counts from, and so what it cannot hide, in a sentence or two. */
export function describeTiming({ generator, plan }: Pick<LabResult, 'generator' | 'plan'>): string {
  if (plan.loadUnit === 'virtual users') {
    return (
      'A closed loop: every virtual user waits for its answer and thinks before it sends again, so a server that ' +
      'stalls is asked less. Response times count from when a user was ready to send.'
    );
  }
  if (generator.tool === 'k6') {
    return (
      "Response times are k6's blocked + duration: from the beginning of a request, the wait for a connection included. " +
      'k6 begins a request on time or drops it for good.'
    );
  }
  return 'Response times, counted from when a request was meant to leave, so that waiting is never hidden.';
}

/** A stream as the reader knows it: what it asks for, and how it gets its connections. */
export function nameStream({
  method,
  path,
  connection,
}: {
  readonly method: string;
  readonly path: string;
  readonly connection: ConnectionPolicy;
}): string {
  const policy = { kept: 'kept', new: 'new', 'on-demand': 'on demand' }[connection.kind];
  return `${method} ${path}, ${policy}`;
}
