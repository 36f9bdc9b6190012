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
  /** When a kept connection was free for a request that had found none; infinite: never; NaN: it had found one. */
  readonly connectionFreeMs: number;
  /** What the target says the call took, a duration; NaN: it does not say. */
  readonly taskMs: number;
  /** What a failure or a timeout is counted under; empty for other outcomes. */
  readonly kind: string;
}
