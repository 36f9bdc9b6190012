import type { StreamResult } from '../result/stream-result.ts';
import { type MeasuredWindow, toStreamResult } from './blocks.ts';
import { createClient, type LoadClient, type LoadClientOptions } from './connections.ts';
import type { StreamPlan } from './load-plan.ts';
import { PendingRequest, type PendingRequestOwner, timeOutOld } from './pending-request.ts';
import { StreamRecorder } from './recorder.ts';
import { createSchedule, type OpenSchedule } from './schedule.ts';
import type { Sender, SendingTimes } from './sender.ts';

/** What a generator that fell behind may still send after the window; the rest counts as not sent. */
const sendGraceMs = 1000;

/** Sends one stream by its schedule, whatever the target does (an open model). */
export class ScheduledSender implements Sender, PendingRequestOwner {
  readonly recorder: StreamRecorder;
  readonly nowMs: () => number;
  readonly isBackground = false;
  readonly #plan: StreamPlan;
  readonly #intendedMs: Float64Array;
  readonly #sendsUntilMs: number;
  readonly #client: LoadClient;
  readonly #outstanding = new Set<PendingRequest>();
  #next = 0;

  constructor(
    plan: StreamPlan & { readonly schedule: OpenSchedule },
    options: LoadClientOptions,
    { durationMs }: SendingTimes,
    nowMs: () => number,
  ) {
    this.#plan = plan;
    this.nowMs = nowMs;
    this.#sendsUntilMs = durationMs + sendGraceMs;
    this.#intendedMs = createSchedule(plan.schedule, durationMs);
    this.recorder = new StreamRecorder(this.#intendedMs, plan.connection.kind);
    this.#client = createClient(plan.connection, options);
  }

  open(): Promise<void> {
    return this.#client.open();
  }

  get isSent(): boolean {
    return this.#next >= this.#intendedMs.length;
  }

  get outstanding(): number {
    return this.#outstanding.size;
  }

  /**
   * Sends everything that was due at `untilMs`. What falls due meanwhile waits for the next turn of the
   * loop: when sending is slower than the schedule, answers must still be read, or no connection is ever
   * free again.
   */
  sendDue(untilMs: number): void {
    if (untilMs >= this.#sendsUntilMs) return;
    for (;;) {
      const intendedMs = this.#intendedMs[this.#next];
      if (intendedMs === undefined || intendedMs > untilMs) return;
      const sentMs = this.nowMs();
      const request = new PendingRequest(this, this.#next, sentMs);
      this.#next += 1;
      this.#outstanding.add(request);
      this.recorder.send(request.index, sentMs);
      this.#client.send(request);
    }
  }

  timeOutOld(nowMs: number): void {
    timeOutOld(this.#outstanding, nowMs, this.#plan);
  }

  onSettled(request: PendingRequest): void {
    this.#outstanding.delete(request);
  }

  finish(nowMs: number): void {
    for (const request of this.#outstanding) request.leaveUnanswered(nowMs);
    this.#client.close();
  }

  toResult(window: MeasuredWindow): StreamResult {
    return toStreamResult(this.#plan, [...this.recorder.records()], window);
  }
}
