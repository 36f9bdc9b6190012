import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { LabError } from '../lab-error.ts';
import type { StreamTemplate } from '../result/experiment-plan.ts';

/** A request that the lab itself sends, outside of any load. */
export interface LabCall extends Pick<StreamTemplate, 'method' | 'path'> {
  readonly body?: string | undefined;
}

/** What came of a call in place of status 200. */
export interface CallFailure {
  /** Null when there was no answer. */
  readonly status: number | null;
  /** The server's name for the failure; undefined when the answer bears none. */
  readonly code: string | undefined;
  /** As far as the answer tells: of a failure of the server's own next to nothing. */
  readonly reason: string;
}

/** A call that failed, told by what is known without the server's log. */
export class FailedCallError extends LabError {
  readonly call: LabCall;
  readonly failure: CallFailure;

  /** `aim` is what the call was for, such as `cannot calibrate`. */
  constructor(aim: string, call: LabCall, failure: CallFailure, options?: ErrorOptions) {
    const { status, reason } = failure;
    const came = status === null ? 'was not answered' : `was answered with status ${status}`;
    super(`${aim}: ${call.method} ${call.path} ${came}: ${reason}`, 3, options);
    this.name = 'FailedCallError';
    this.call = call;
    this.failure = failure;
  }
}

/** Resolves with the headers when the call is answered with 200, and read. Rejects with a {@link FailedCallError} otherwise. */
export async function expectAnswer(
  aim: string,
  call: LabCall,
  answer: Promise<Dispatcher.ResponseData>,
): Promise<IncomingHttpHeaders> {
  const { statusCode, headers, text } = await readAnswer(answer).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FailedCallError(
      aim,
      call,
      { status: null, code: undefined, reason },
      { cause: error },
    );
  });
  if (statusCode === 200) return headers;
  throw new FailedCallError(aim, call, { status: statusCode, ...parseAnswer(text) });
}

async function readAnswer(answer: Promise<Dispatcher.ResponseData>) {
  const { statusCode, headers, body } = await answer;
  return { statusCode, headers, text: await body.text() };
}

/** How a server that keeps the contract says what went wrong. */
const answerSchema = z.object({ message: z.string(), code: z.string() });

function parseAnswer(text: string): Pick<CallFailure, 'code' | 'reason'> {
  try {
    const { message, code } = answerSchema.parse(JSON.parse(text));
    return { code, reason: message };
  } catch {
    // Another server's words, or a page.
    return { code: undefined, reason: text.replace(/\s+/g, ' ').slice(0, 200) };
  }
}
