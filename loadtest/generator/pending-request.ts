import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { classifyError, classifyStatus } from './error-kind.ts';
import type { StreamPlan } from './load-plan.ts';
import type { StreamRecorder } from './recorder.ts';
import { parseServerTiming } from './server-timing.ts';

const maxErrorBodyBytes = 4096;

/** The connection a request is on. */
export interface RequestConnection {
  /** The request ended; the connection may serve another one or be closed. */
  release(): void;
  /** The request ended and the connection with it, or is to end with it: breaks it off. */
  destroy(): void;
}

/**
 * Gives those up that have waited for `timeoutMs`. They have to be in order of sending, which with one timeout is the
 * order of timing out.
 */
export function timeOutOld(
  requests: Iterable<PendingRequest>,
  nowMs: number,
  { timeoutMs, connection }: Pick<StreamPlan, 'timeoutMs' | 'connection'>,
): void {
  for (const request of requests) {
    if (nowMs - request.sentMs < timeoutMs) return;
    const isConnecting = connection.kind === 'new' && !request.isConnected;
    request.timeOut(isConnecting ? 'connect timeout' : 'timeout');
  }
}

/** What the requests of a stream have in common. */
export interface PendingRequestOwner {
  readonly recorder: StreamRecorder;
  /** Milliseconds from the beginning of the run. */
  nowMs(): number;
  onSettled(request: PendingRequest): void;
}

/** A request that has left, as undici's handler: it turns what happens into records, with little garbage. */
export class PendingRequest implements Dispatcher.DispatchHandler {
  readonly index: number;
  readonly sentMs: number;
  readonly #owner: PendingRequestOwner;
  #connection: RequestConnection | undefined;
  #status = 0;
  #errorBody = '';
  #isSettled = false;
  #isLastOfConnection = false;

  constructor(owner: PendingRequestOwner, index: number, sentMs: number) {
    this.#owner = owner;
    this.index = index;
    this.sentMs = sentMs;
  }

  /** Says which connection the request is on, before it is dispatched. */
  assign(connection: RequestConnection): void {
    this.#connection = connection;
  }

  /** Whether the request's own new connection stands. */
  get isConnected(): boolean {
    return this.#owner.recorder.isConnected(this.index);
  }

  /** The request's own new connection stands. */
  onConnected(): void {
    this.#owner.recorder.connect(this.index, this.#owner.nowMs());
  }

  /** Every kept connection is busy. */
  onConnectionsBusy(): void {
    this.#owner.recorder.beginConnectionWait(this.index);
  }

  /** A kept connection is free for it at last. */
  onConnectionFree(): void {
    this.#owner.recorder.endConnectionWait(this.index, this.#owner.nowMs());
  }

  // undici tells its present handlers from the older kind by this method.
  onRequestStart(): void {}

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    const { recorder } = this.#owner;
    this.#status = status;
    this.#isLastOfConnection = headers.connection === 'close';
    recorder.firstByte(this.index, this.#owner.nowMs());
    const timing = headers['server-timing'];
    if (typeof timing !== 'string') return;
    const taskMs = parseServerTiming(timing).get('compute');
    if (taskMs !== undefined) recorder.taskTime(this.index, taskMs);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isGood() || this.#errorBody.length >= maxErrorBodyBytes) return;
    this.#errorBody += chunk.toString('latin1');
  }

  onResponseEnd(): void {
    if (this.#isSettled) return;
    const { recorder } = this.#owner;
    const nowMs = this.#owner.nowMs();
    if (this.#isGood()) recorder.succeed(this.index, nowMs);
    else recorder.fail(this.index, classifyStatus(this.#status, this.#errorBody), nowMs);
    this.#settle();
    if (this.#isLastOfConnection) this.#connection?.destroy();
    else this.#connection?.release();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  /** The request failed, on a connection or for want of one. */
  fail(error: Error): void {
    if (this.#isSettled) return;
    this.#owner.recorder.fail(this.index, classifyError(error), this.#owner.nowMs());
    this.#settle();
    this.#connection?.destroy();
  }

  /** Gives the request up at its timeout. */
  timeOut(kind: string): void {
    this.#owner.recorder.timeOut(this.index, kind, this.#owner.nowMs());
    this.#settle();
    this.#connection?.destroy();
  }

  /** Gives the request up at the end of the run, at `nowMs`. */
  leaveUnanswered(nowMs: number): void {
    this.#owner.recorder.leaveUnanswered(this.index, nowMs);
    this.#settle();
  }

  #isGood(): boolean {
    return this.#status >= 200 && this.#status < 300;
  }

  #settle(): void {
    this.#isSettled = true;
    this.#owner.onSettled(this);
  }
}
