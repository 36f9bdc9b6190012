import { classifyStatus } from '../../generator/error-kind.ts';

// The numbers are k6's own (lib/netext/httpext/error_codes.go), the words the lab's for the same failures.
const kindByCode: Readonly<Record<number, string>> = {
  1050: 'timeout',
  1201: 'reset',
  1211: 'connect timeout',
  1212: 'refused',
  1220: 'reset',
};
const timeoutCodes: readonly number[] = [1050, 1211];
/** A dial that failed for another reason than a refusal or time: over loopback only k6's own sockets and ports are left. */
const dialFailedCode = 1213;
const dialFailed = 'dial failed (k6 1213)';

/** How a request failed, as k6 tells it. */
export interface K6Failure {
  /** 0: there was no answer. */
  readonly status: number;
  /** k6's `error_code`; 0: none, which leaves an answer that is neither good nor an error. */
  readonly errorCode: number;
  /** The `code` of the server's JSON error, where there was one. */
  readonly serverCode: string | undefined;
}

/** The lab's kind for a request that failed in k6: `refused`, `timeout`, `503 QUEUE_FULL` …; undefined when it did not fail. */
export function classifyK6Failure({
  status,
  errorCode,
  serverCode,
}: K6Failure): string | undefined {
  const isHttpError = errorCode >= 1400 && errorCode < 1600;
  if (errorCode === 0 || isHttpError) {
    if (status >= 200 && status < 300) return undefined;
    return classifyStatus(status, serverCode === undefined ? '' : `"code":"${serverCode}"`);
  }
  if (errorCode === dialFailedCode) return dialFailed;
  return kindByCode[errorCode] ?? `k6 ${errorCode}`;
}

/** Whether a code says that k6 gave a request up because of its age. */
export function isK6Timeout(errorCode: number): boolean {
  return timeoutCodes.includes(errorCode);
}

/** Whether a kind is a limit of k6's process and says nothing about the target. */
export function isK6Fault(kind: string): boolean {
  return kind === dialFailed;
}
