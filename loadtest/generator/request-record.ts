/** How a request ended. `timed-out` and `unanswered` ones were given up: their age is a lower bound. */
export type RequestOutcome = 'unsent' | 'succeeded' | 'failed' | 'timed-out' | 'unanswered';

/** One request of a stream. Times are milliseconds from the beginning of the run; NaN: it did not happen. */
export interface RequestRecord {
  readonly outcome: RequestOutcome;
  readonly intendedMs: number;
  readonly sentMs: number;
  /** When the answer was complete, the request failed, or it was given up. */
  readonly endMs: number;
  readonly connectedMs: number;
  readonly firstByteMs: number;
  /** What a failure or a timeout is counted under; empty for other outcomes. */
  readonly kind: string;
}
