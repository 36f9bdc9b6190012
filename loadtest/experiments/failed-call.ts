import { z } from 'zod';
import { LabError } from '../lab-error.ts';
import type { StreamTemplate } from '../result/experiment-plan.ts';

/** A request that the lab itself sends, outside of any load. */
export interface LabCall extends Pick<StreamTemplate, 'method' | 'path'> {
  readonly body?: string | undefined;
}

/** How a server that keeps the contract says what went wrong. */
const answerSchema = z.object({ message: z.string(), code: z.string() });

/** What a call was answered with in place of 200. */
export class FailedCallError extends LabError {
  readonly call: LabCall;
  readonly status: number;
  /** The server's name for the failure; undefined when the answer bears none. */
  readonly code: string | undefined;
  /** What the answer says of the reason: for a failure of the server's own next to nothing. */
  readonly reason: string;

  /** `aim` is what the call was for, such as `cannot calibrate`. */
  constructor(aim: string, call: LabCall, status: number, answer: string) {
    const { message: reason, code } = readAnswer(answer);
    super(`${aim}: ${call.method} ${call.path} was answered with status ${status}: ${reason}`, 3);
    this.name = 'FailedCallError';
    this.call = call;
    this.status = status;
    this.code = code;
    this.reason = reason;
  }
}

function readAnswer(text: string): { message: string; code: string | undefined } {
  try {
    return answerSchema.parse(JSON.parse(text));
  } catch {
    // Another server's words, or a page.
    return { message: text.replace(/\s+/g, ' ').slice(0, 200), code: undefined };
  }
}
