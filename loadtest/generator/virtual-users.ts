import type { StreamResult } from '../result/stream-result.ts';
import { type MeasuredWindow, toStreamResult } from './blocks.ts';
import { createClient, type LoadClient, type LoadClientOptions } from './connections.ts';
import { maxRequestsPerPlan, type StreamPlan } from './load-plan.ts';
import { PendingRequest, type PendingRequestOwner, timeOutOld } from './pending-request.ts';
import { StreamRecorder } from './recorder.ts';
import type { VirtualUsersSchedule } from './schedule.ts';
import type { Sender, SendingTimes } from './sender.ts';
import { ThinkingUsers } from './thinking-users.ts';

/** Without think time nothing but the target bounds the requests; memory is for this many. */
const maxWithoutThinkTime = 500_000;

/** Sending goes on for no longer than this in one turn, so that no answer waits longer to be read. */
const maxSendingMs = 1;

/**
 * A closed loop: every user sends, waits for the answer, thinks, and sends again, each on a connection of its own,
 * as k6's virtual users do. All begin at once, as fast as this process can open connections: how long that takes is
 * no lateness. After that the intended start of a request is the end of the thinking before it.
 */
export class VirtualUsersSender implements Sender, PendingRequestOwner {
  readonly recorder: StreamRecorder;
  readonly nowMs: () => number;
  readonly isBackground: boolean;
  readonly #plan: StreamPlan;
  readonly #durationMs: number;
  readonly #intendedMs: Float64Array;
  readonly #userOfRequest: Int32Array;
  readonly #thinking: ThinkingUsers;
  readonly #clients: readonly LoadClient[];
  // In order of sending, which with one timeout is the order of timing out.
  readonly #outstanding = new Set<PendingRequest>();
  #begun = 0;
  #next = 0;
  #isOver = false;

  constructor(
    plan: StreamPlan & { readonly schedule: VirtualUsersSchedule },
    options: LoadClientOptions,
    { durationMs, drainMs }: SendingTimes,
    nowMs: () => number,
  ) {
    const { users, thinkTimeMs, isBackground = false } = plan.schedule;
    const sendingMs = durationMs + (isBackground ? drainMs : 0);
    const capacity = countRequestsAtMost(plan.schedule, sendingMs);
    this.#plan = plan;
    this.nowMs = nowMs;
    this.isBackground = isBackground;
    this.#durationMs = durationMs;
    // NaN: not intended at all, so in no block.
    this.#intendedMs = new Float64Array(capacity).fill(Number.NaN);
    this.#userOfRequest = new Int32Array(capacity);
    this.#thinking = new ThinkingUsers(users, thinkTimeMs);
    this.recorder = new StreamRecorder(this.#intendedMs, plan.connection.kind);
    this.#clients = Array.from({ length: users }, () => createClient(plan.connection, options));
  }

  // A user opens its connection with its first request, as k6's do.
  async open(): Promise<void> {}

  get isSent(): boolean {
    return this.#isOver;
  }

  get outstanding(): number {
    return this.#outstanding.size;
  }

  sendDue(untilMs: number, isAwaited: boolean): void {
    this.#isOver = untilMs >= this.#durationMs && !(this.isBackground && isAwaited);
    if (this.#isOver) return;
    const startMs = this.nowMs();
    for (let nowMs = startMs; nowMs - startMs < maxSendingMs; nowMs = this.nowMs()) {
      const awake = this.#thinking.takeAwake(untilMs);
      if (awake !== undefined) this.#send(awake.user, awake.sinceMs, nowMs);
      else if (this.#begun < this.#clients.length) this.#send(this.#begun++, nowMs, nowMs);
      else return;
    }
  }

  #send(user: number, intendedMs: number, sentMs: number): void {
    const index = this.#next++;
    if (index >= this.#intendedMs.length) {
      throw new RangeError(
        `${this.#plan.name}: more than ${this.#intendedMs.length} requests: give fewer users, or time to think`,
      );
    }
    const request = new PendingRequest(this, index, sentMs);
    this.#intendedMs[index] = intendedMs;
    this.#userOfRequest[index] = user;
    this.#outstanding.add(request);
    this.recorder.send(index, sentMs);
    this.#clients[user]?.send(request);
  }

  timeOutOld(nowMs: number): void {
    timeOutOld(this.#outstanding, nowMs, this.#plan);
  }

  onSettled(request: PendingRequest): void {
    this.#outstanding.delete(request);
    this.#thinking.begin(this.#userOfRequest[request.index] ?? 0, this.nowMs());
  }

  finish(nowMs: number): void {
    for (const request of this.#outstanding) request.leaveUnanswered(nowMs);
    for (const client of this.#clients) client.close();
  }

  toResult(window: MeasuredWindow): StreamResult {
    return toStreamResult(this.#plan, [...this.recorder.records()], window);
  }
}

/** How many requests so many users can send in that time, at most. */
export function countRequestsAtMost(
  { users, thinkTimeMs }: VirtualUsersSchedule,
  durationMs: number,
): number {
  if (thinkTimeMs === 0) return maxWithoutThinkTime;
  return Math.min(maxRequestsPerPlan, users * (Math.ceil(durationMs / thinkTimeMs) + 1));
}
