import type { StreamResult } from '../result/stream-result.ts';
import type { MeasuredWindow } from './blocks.ts';

/** How long senders send, in milliseconds from the beginning of the run, and how long answers are waited for after that. */
export interface SendingTimes {
  readonly durationMs: number;
  readonly drainMs: number;
}

/** What sends one stream's requests and keeps track of what is outstanding. Times are milliseconds from the beginning of the run. */
export interface Sender {
  /** Opens the connections that have to stand before the run. Rejects with a `LabError` when the target does not answer. */
  open(): Promise<void>;
  /** Whether everything that is meant to leave has left. */
  readonly isSent: boolean;
  /** Requests without an answer so far. */
  readonly outstanding: number;
  /** Nobody waits for its answers; it goes on for as long as others wait for theirs. */
  readonly isBackground: boolean;
  /** Sends what was due at `untilMs`. `isAwaited`: some stream that is not in the background still waits for answers. */
  sendDue(untilMs: number, isAwaited: boolean): void;
  /** Gives up what is older than the stream's timeout. */
  timeOutOld(nowMs: number): void;
  /** Ends the stream: what is outstanding counts at its age, connections are broken off. */
  finish(nowMs: number): void;
  /** The stream's figures within the window. */
  toResult(window: MeasuredWindow): StreamResult;
}
