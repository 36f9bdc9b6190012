import type { StreamResult } from '../result/stream-result.ts';
import { type MeasuredWindow, toBlocks } from './blocks.ts';
import { createKeepAliveClient } from './keep-alive-client.ts';
import type { LoadClient, LoadClientOptions } from './load-client.ts';
import { maxRequestsPerPlan, type StreamPlan } from './load-plan.ts';
import { createNewConnectionClient } from './new-connection-client.ts';
import { PendingRequest, type PendingRequestOwner } from './pending-request.ts';
import { StreamRecorder } from './recorder.ts';
import type { VirtualUsersSchedule } from './schedule.ts';
import type { Sender } from './sender.ts';

/** Without think time nothing but the target bounds the requests; memory is for this many. */
const maxWithoutThinkTime = 500_000;

/**
 * A closed loop: every user sends, waits for the answer, thinks, and sends again, each on a connection of its own,
 * as k6's virtual users do. All begin at once. The intended start of a request is the end of the thinking before it.
 */
export class VirtualUsersSender implements Sender, PendingRequestOwner {
  readonly recorder: StreamRecorder;
  readonly nowMs: () => number;
  readonly #plan: StreamPlan;
  readonly #thinkTimeMs: number;
  readonly #durationMs: number;
  readonly #intendedMs: Float64Array;
  readonly #userOfRequest: Int32Array;
  /** When each user's thinking ends; never, while it waits for an answer. */
  readonly #wakesAtMs: Float64Array;
  readonly #clients: readonly LoadClient[];
  readonly #outstanding = new Set<PendingRequest>();
  #next = 0;
  #isOver = false;

  constructor(
    plan: StreamPlan & { readonly schedule: VirtualUsersSchedule },
    options: LoadClientOptions,
    durationMs: number,
    nowMs: () => number,
  ) {
    const { users, thinkTimeMs } = plan.schedule;
    const capacity = countRequestsAtMost(plan.schedule, durationMs);
    this.#plan = plan;
    this.nowMs = nowMs;
    this.#thinkTimeMs = thinkTimeMs;
    this.#durationMs = durationMs;
    // NaN: not intended at all, so in no block.
    this.#intendedMs = new Float64Array(capacity).fill(Number.NaN);
    this.#userOfRequest = new Int32Array(capacity);
    this.#wakesAtMs = new Float64Array(users);
    this.recorder = new StreamRecorder(this.#intendedMs, plan.connection);
    const createClient =
      plan.connection === 'new' ? createNewConnectionClient : createKeepAliveClient;
    this.#clients = Array.from({ length: users }, () => createClient(options));
  }

  get isSent(): boolean {
    return this.#isOver;
  }

  get outstanding(): number {
    return this.#outstanding.size;
  }

  sendDue(untilMs: number): void {
    this.#isOver = untilMs >= this.#durationMs;
    if (this.#isOver) return;
    for (const [user, client] of this.#clients.entries()) {
      const intendedMs = this.#wakesAtMs[user] ?? Number.POSITIVE_INFINITY;
      if (intendedMs <= untilMs) this.#send(user, client, intendedMs);
    }
  }

  #send(user: number, client: LoadClient, intendedMs: number): void {
    const index = this.#next++;
    if (index >= this.#intendedMs.length) {
      throw new RangeError(`more than ${this.#intendedMs.length} requests: use fewer users`);
    }
    const sentMs = this.nowMs();
    const request = new PendingRequest(this, index, sentMs);
    this.#intendedMs[index] = intendedMs;
    this.#userOfRequest[index] = user;
    this.#wakesAtMs[user] = Number.POSITIVE_INFINITY;
    this.#outstanding.add(request);
    this.recorder.send(index, sentMs);
    client.send(request);
  }

  timeOutOld(nowMs: number): void {
    for (const request of this.#outstanding) {
      if (nowMs - request.sentMs < this.#plan.timeoutMs) return;
      request.timeOut('timeout');
    }
  }

  onSettled(request: PendingRequest): void {
    this.#outstanding.delete(request);
    const user = this.#userOfRequest[request.index] ?? 0;
    this.#wakesAtMs[user] = this.nowMs() + this.#thinkTimeMs;
  }

  finish(nowMs: number): void {
    for (const request of this.#outstanding) request.leaveUnanswered(nowMs);
    for (const client of this.#clients) client.close();
  }

  toResult(window: MeasuredWindow): StreamResult {
    const blocks = toBlocks(this.recorder.records(), window, this.#plan.connection);
    return { plan: this.#plan, blocks };
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
