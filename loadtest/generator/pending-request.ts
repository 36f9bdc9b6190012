import { classifyError, classifyStatus } from './error-kind.ts';
import type { AnswerHandler } from './http-connection.ts';
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

/** A request that has left: it turns what happens into records, with little garbage. */
export class PendingRequest implements AnswerHandler {
  readonly index: number;
  readonly sentMs: number;
  readonly #owner: PendingRequestOwner;
  #connection: RequestConnection | undefined;
  #status = 0;
  #errorBody = '';
  #isSettled = false;

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

  /** Every kept connection is busy. */
  onConnectionsBusy(): void {
    this.#owner.recorder.beginConnectionWait(this.index);
  }

  /** A kept connection is free for it at last. */
  onConnectionFree(): void {
    this.#owner.recorder.endConnectionWait(this.index, this.#owner.nowMs());
  }

  onConnect(): void {
    this.#owner.recorder.connect(this.index, this.#owner.nowMs());
  }

  onHead(status: number, head: string): void {
    const { recorder } = this.#owner;
    this.#status = status;
    recorder.firstByte(this.index, this.#owner.nowMs());
    const timing = /\r\nserver-timing:([^\r]*)/i.exec(head)?.[1];
    const taskMs = timing === undefined ? undefined : parseServerTiming(timing).get('compute');
    if (taskMs !== undefined) recorder.taskTime(this.index, taskMs);
  }

  onData(chunk: Buffer): void {
    if (this.#isGood() || this.#errorBody.length >= maxErrorBodyBytes) return;
    this.#errorBody += chunk.toString('latin1');
  }

  onEnd(isReusable: boolean): void {
    if (this.#isSettled) return;
    const { recorder } = this.#owner;
    const nowMs = this.#owner.nowMs();
    if (this.#isGood()) recorder.succeed(this.index, nowMs);
    else recorder.fail(this.index, classifyStatus(this.#status, this.#errorBody), nowMs);
    this.#settle();
    if (isReusable) this.#connection?.release();
    else this.#connection?.destroy();
  }

  /** The request failed on its connection. */
  onError(error: Error): void {
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
