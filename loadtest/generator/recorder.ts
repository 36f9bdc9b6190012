import type { ConnectionPolicy } from './load-plan.ts';
import type { RequestOutcome, RequestRecord } from './request-record.ts';

// The position in this list is what a request's state column holds.
const states = ['unsent', 'outstanding', 'succeeded', 'failed', 'timed-out', 'unanswered'] as const;
const outstanding = states.indexOf('outstanding');
const maxKinds = 255;

/**
 * Keeps the times of every request of one stream in flat columns, by position in the schedule. While load
 * runs, recording is a handful of array writes: it neither allocates nor grows, so it cannot disturb what
 * it records. Times are milliseconds from the beginning of the run. A request is settled once; what comes
 * later is ignored.
 */
export class StreamRecorder {
  readonly #intendedMs: Float64Array;
  readonly #sentMs: Float64Array;
  readonly #endMs: Float64Array;
  readonly #connectedMs: Float64Array;
  readonly #firstByteMs: Float64Array;
  readonly #connectionFreeMs: Float64Array;
  #taskMs = new Float64Array(0);
  readonly #state: Uint8Array;
  readonly #kindPosition: Uint8Array;
  readonly #kinds: string[] = [];

  constructor(intendedMs: Float64Array, connection: ConnectionPolicy['kind']) {
    const count = intendedMs.length;
    const newConnections = connection === 'new' ? count : 0;
    this.#intendedMs = intendedMs;
    this.#sentMs = new Float64Array(count).fill(Number.NaN);
    this.#endMs = new Float64Array(count).fill(Number.NaN);
    this.#connectedMs = new Float64Array(newConnections).fill(Number.NaN);
    this.#firstByteMs = new Float64Array(newConnections).fill(Number.NaN);
    this.#connectionFreeMs = new Float64Array(connection === 'kept' ? count : 0).fill(Number.NaN);
    this.#state = new Uint8Array(count);
    this.#kindPosition = new Uint8Array(count);
  }

  /** The request leaves. */
  send(index: number, nowMs: number): void {
    this.#sentMs[index] = nowMs;
    this.#state[index] = outstanding;
  }

  /** The request's own new connection stands. */
  connect(index: number, nowMs: number): void {
    if (this.#state[index] === outstanding) this.#connectedMs[index] = nowMs;
  }

  /** Whether {@link connect} was seen for a request. */
  isConnected(index: number): boolean {
    return !Number.isNaN(this.#connectedMs[index] ?? Number.NaN);
  }

  /** The request finds no free connection and waits for one. */
  beginConnectionWait(index: number): void {
    this.#connectionFreeMs[index] = Number.POSITIVE_INFINITY;
  }

  /** A kept connection is free for a request that had found none. */
  endConnectionWait(index: number, nowMs: number): void {
    this.#connectionFreeMs[index] = nowMs;
  }

  /** What the target says the call took. */
  taskTime(index: number, durationMs: number): void {
    if (this.#taskMs.length === 0) {
      this.#taskMs = new Float64Array(this.#intendedMs.length).fill(Number.NaN);
    }
    this.#taskMs[index] = durationMs;
  }

  /** The first byte of the answer is here. Kept for new connections only. */
  firstByte(index: number, nowMs: number): void {
    if (this.#state[index] === outstanding) this.#firstByteMs[index] = nowMs;
  }

  /** A good answer is complete. */
  succeed(index: number, nowMs: number): void {
    this.#settle(index, 'succeeded', nowMs);
  }

  /** The request failed, in a way counted under `kind`. */
  fail(index: number, kind: string, nowMs: number): void {
    this.#settle(index, 'failed', nowMs, kind);
  }

  /** The request reached its timeout, counted under `kind`: it would have taken longer than until now. */
  timeOut(index: number, kind: string, nowMs: number): void {
    this.#settle(index, 'timed-out', nowMs, kind);
  }

  /** The run ends without an answer: it would have taken longer than until now. */
  leaveUnanswered(index: number, nowMs: number): void {
    this.#settle(index, 'unanswered', nowMs);
  }

  /** Every request of the schedule, in its order. To be read when all are settled. */
  *records(): Generator<RequestRecord> {
    for (const [index, intendedMs] of this.#intendedMs.entries()) {
      const state = states[at(this.#state, index)] ?? 'unsent';
      const outcome: RequestOutcome = state === 'outstanding' ? 'unanswered' : state;
      const hasKind = outcome === 'failed' || outcome === 'timed-out';
      yield {
        outcome,
        intendedMs,
        sentMs: at(this.#sentMs, index),
        endMs: at(this.#endMs, index),
        connectedMs: at(this.#connectedMs, index),
        firstByteMs: at(this.#firstByteMs, index),
        connectionFreeMs: at(this.#connectionFreeMs, index),
        taskMs: at(this.#taskMs, index),
        kind: hasKind ? (this.#kinds[at(this.#kindPosition, index)] ?? 'other') : '',
      };
    }
  }

  #settle(index: number, outcome: RequestOutcome, nowMs: number, kind?: string): void {
    if (this.#state[index] !== outstanding) return;
    this.#state[index] = states.indexOf(outcome);
    this.#endMs[index] = nowMs;
    if (kind !== undefined) this.#kindPosition[index] = this.#positionOfKind(kind);
  }

  #positionOfKind(kind: string): number {
    // A byte per request tells 256 kinds apart; a target that invents more gets the rest under one name.
    const known = this.#kinds.indexOf(kind);
    if (known !== -1) return known;
    return this.#kinds.length < maxKinds ? this.#kinds.push(kind) - 1 : maxKinds;
  }
}

function at(column: Float64Array | Uint8Array, index: number): number {
  return column[index] ?? Number.NaN;
}
