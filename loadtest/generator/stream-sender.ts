import type { Dispatcher } from 'undici';
import type { StreamResult } from '../result/stream-result.ts';
import { type MeasuredWindow, toBlocks } from './blocks.ts';
import { createKeepAliveClient } from './keep-alive-client.ts';
import type { LoadClient } from './load-client.ts';
import type { StreamPlan } from './load-plan.ts';
import { createNewConnectionClient } from './new-connection-client.ts';
import { PendingRequest, type PendingRequestOwner } from './pending-request.ts';
import { StreamRecorder } from './recorder.ts';
import { createSchedule } from './schedule.ts';

const host = '127.0.0.1';

/** Sends one stream's schedule and keeps track of what is outstanding. */
export class StreamSender implements PendingRequestOwner {
  readonly recorder: StreamRecorder;
  readonly nowMs: () => number;
  readonly #plan: StreamPlan;
  readonly #intendedMs: Float64Array;
  readonly #client: LoadClient;
  // In order of sending, which with one timeout per stream is the order of timing out.
  readonly #outstanding = new Set<PendingRequest>();
  #next = 0;

  constructor(plan: StreamPlan, port: number, durationMs: number, nowMs: () => number) {
    this.#plan = plan;
    this.nowMs = nowMs;
    this.#intendedMs = createSchedule(plan.schedule, durationMs);
    this.recorder = new StreamRecorder(this.#intendedMs, plan.connection);
    const options = { host, port, request: toDispatchOptions(plan) };
    this.#client =
      plan.connection === 'new'
        ? createNewConnectionClient(options)
        : createKeepAliveClient(options);
  }

  /** Whether the whole schedule has left. */
  get isSent(): boolean {
    return this.#next >= this.#intendedMs.length;
  }

  /** Requests without an answer so far. */
  get outstanding(): number {
    return this.#outstanding.size;
  }

  /**
   * Sends everything that was due at `untilMs`. What falls due meanwhile waits for the next turn of the
   * loop: when sending is slower than the schedule, answers must still be read, or no connection is ever
   * free again.
   */
  sendDue(untilMs: number): void {
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

  /** Gives up what is older than the stream's timeout. */
  timeOutOld(nowMs: number): void {
    for (const request of this.#outstanding) {
      if (nowMs - request.sentMs < this.#plan.timeoutMs) return;
      const isConnecting =
        this.#plan.connection === 'new' && !this.recorder.isConnected(request.index);
      request.timeOut(isConnecting ? 'connect timeout' : 'timeout');
    }
  }

  onSettled(request: PendingRequest): void {
    this.#outstanding.delete(request);
  }

  /** Ends the stream: what is outstanding counts at its age, connections are broken off. */
  finish(nowMs: number): void {
    for (const request of this.#outstanding) request.leaveUnanswered(nowMs);
    this.#client.close();
  }

  /** The stream's figures within the window. */
  toResult(window: MeasuredWindow): StreamResult {
    const blocks = toBlocks(this.recorder.records(), window, this.#plan.connection);
    return { plan: this.#plan, blocks };
  }
}

function toDispatchOptions({ method, path, body }: StreamPlan): Dispatcher.DispatchOptions {
  if (body === undefined) return { method, path };
  return { method, path, body, headers: { 'content-type': 'application/json' } };
}
