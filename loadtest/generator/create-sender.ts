import type { Dispatcher } from 'undici';
import type { LoadPlan, StreamPlan } from './load-plan.ts';
import { ScheduledSender } from './scheduled-sender.ts';
import type { Sender, SendingTimes } from './sender.ts';
import { VirtualUsersSender } from './virtual-users.ts';

const host = '127.0.0.1';

/** Makes the sender that a stream's kind of schedule calls for. It opens no connection yet. */
export function createSender(
  plan: StreamPlan,
  { port, openingPath }: Pick<LoadPlan, 'port' | 'openingPath'>,
  times: SendingTimes,
  nowMs: () => number,
): Sender {
  const { schedule } = plan;
  const options = { host, port, toRequest: createRequests(plan), openingPath };
  return schedule.kind === 'virtual-users'
    ? new VirtualUsersSender({ ...plan, schedule }, options, times, nowMs)
    : new ScheduledSender({ ...plan, schedule }, options, times, nowMs);
}

/** The requests of a stream by their position; bodies are taken in turn. */
function createRequests({
  method,
  path,
  bodies,
}: StreamPlan): (index: number) => Dispatcher.DispatchOptions {
  const headers = { 'content-type': 'application/json' };
  const requests = bodies?.map((body) => ({ method, path, body, headers })) ?? [{ method, path }];
  return (index) => requests[index % requests.length] ?? { method, path };
}
