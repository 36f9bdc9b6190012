import { createHistogram, encodeHistogram, recordMs } from '../result/histogram.ts';

/** One connection, with one request under way at a time. */
export interface ConnectionRecorder {
  /** A request leaves. When another was still under way, that one was given up for its timeout. */
  send(nowMs: number): void;
  /** The answer to the request under way is complete. */
  answer(status: number, serviceTimeMs: number): void;
  /** The request under way failed, in a way counted under `kind`. */
  fail(kind: string): void;
  /** The server closed the connection before its answer was complete. */
  close(): void;
}

/** Everything since the recorder was made, to be compared with autocannon's own books. */
export interface RecorderTotals {
  readonly sent: number;
  readonly answered: number;
  /** All failures. */
  readonly failed: number;
  /** Of them, those given up for their timeout. */
  readonly timedOut: number;
  /** Of them, those whose connection the server closed. */
  readonly closed: number;
  /** Requests under way now. */
  readonly open: number;
}

/**
 * Counts what happens to the requests of one endpoint. autocannon's own histogram is one of whole
 * milliseconds; this one has microseconds, and holds good answers only.
 */
export class EndpointRecorder {
  readonly #totals = { sent: 0, answered: 0, failed: 0, timedOut: 0, closed: 0 };
  readonly #serviceTimeUs = createHistogram();
  readonly #errors = new Map<string, number>();
  /** When the request under way was sent, by connection; undefined where there is none. */
  readonly #sentMs: (number | undefined)[] = [];
  #isInWindow = false;
  #lastFailure = 'none';

  /** Begins to count one more connection. */
  addConnection(): ConnectionRecorder {
    const connection = this.#sentMs.push(undefined) - 1;
    const fail = (kind: string) => {
      this.#sentMs[connection] = undefined;
      this.#totals.failed += 1;
      this.#lastFailure = kind;
      this.#countError(kind);
    };
    return {
      send: (nowMs) => {
        if (this.#sentMs[connection] !== undefined) {
          this.#totals.timedOut += 1;
          fail('timeout');
        }
        this.#sentMs[connection] = nowMs;
        this.#totals.sent += 1;
      },
      answer: (status, serviceTimeMs) => {
        this.#sentMs[connection] = undefined;
        this.#totals.answered += 1;
        if (status < 200 || status > 299) this.#countError(`${status}`);
        else if (this.#isInWindow) recordMs(this.#serviceTimeUs, serviceTimeMs);
      },
      fail,
      close: () => {
        this.#totals.closed += 1;
        fail('reset');
      },
    };
  }

  /** The counts so far. */
  get totals(): RecorderTotals {
    return { ...this.#totals, open: this.#openSince().length };
  }

  /** The kind of the last failure, in the window or not. */
  get lastFailure(): string {
    return this.#lastFailure;
  }

  /** From now on what ends is counted. */
  startWindow(): void {
    this.#isInWindow = true;
  }

  /** Nothing more is counted, except in the totals; what is still under way at `nowMs` is unanswered. */
  endWindow(nowMs: number) {
    this.#isInWindow = false;
    const open = this.#openSince();
    return {
      succeeded: this.#serviceTimeUs.totalCount,
      errors: Object.fromEntries(this.#errors),
      unanswered: open.length,
      oldestUnansweredMs: open.length === 0 ? null : nowMs - Math.min(...open),
      serviceTimeUs: encodeHistogram(this.#serviceTimeUs),
    };
  }

  #openSince(): number[] {
    return this.#sentMs.filter((sentMs) => sentMs !== undefined);
  }

  #countError(kind: string): void {
    if (this.#isInWindow) this.#errors.set(kind, (this.#errors.get(kind) ?? 0) + 1);
  }
}
