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
  const options = { host, port, stream: plan, openingPath };
  return schedule.kind === 'virtual-users'
    ? new VirtualUsersSender({ ...plan, schedule }, options, times, nowMs)
    : new ScheduledSender({ ...plan, schedule }, options, times, nowMs);
}
