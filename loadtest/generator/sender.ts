import type { StreamResult } from '../result/stream-result.ts';
import type { MeasuredWindow } from './blocks.ts';

/** What sends one stream's requests and keeps track of what is outstanding. Times are milliseconds from the beginning of the run. */
export interface Sender {
  /** Whether everything that is meant to leave has left. */
  readonly isSent: boolean;
  /** Requests without an answer so far. */
  readonly outstanding: number;
  /** Sends everything that was due at `untilMs`. */
  sendDue(untilMs: number): void;
  /** Gives up what is older than the stream's timeout. */
  timeOutOld(nowMs: number): void;
  /** Ends the stream: what is outstanding counts at its age, connections are broken off. */
  finish(nowMs: number): void;
  /** The stream's figures within the window. */
  toResult(window: MeasuredWindow): StreamResult;
}
