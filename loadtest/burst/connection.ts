import { connect } from 'node:net';
import { classifyError, classifyStatus } from '../generator/error-kind.ts';

const host = '127.0.0.1';
const requestText = `GET /health HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;
const maxAnswerChars = 4096;

/** What came of one connection. Times are in milliseconds, from its own opening. */
export type ConnectionOutcome =
  | { readonly kind: 'answered'; readonly connectMs: number; readonly firstByteMs: number }
  | { readonly kind: 'never answered'; readonly connectMs: number; readonly ageMs: number }
  | { readonly kind: 'not connected'; readonly ageMs: number }
  | {
      readonly kind: 'failed';
      readonly error: string;
      /** Undefined: it failed before it was connected. */
      readonly connectMs: number | undefined;
      readonly ageMs: number;
    };

/** What a connection needs of the burst it belongs to. */
export interface ConnectionOptions {
  readonly port: number;
  /** Monotonic, in milliseconds. */
  nowMs(): number;
  /** Called exactly once. */
  onSettled(outcome: ConnectionOutcome): void;
}

/** A connection on its way. */
export interface BurstConnection {
  /** Breaks it off, unless it has settled: it counts at its age. */
  giveUp(): void;
}

/** Opens a connection, sends one `GET /health` on it and reports what became of both. */
export function openConnection({ port, nowMs, onSettled }: ConnectionOptions): BurstConnection {
  const openedMs = nowMs();
  const ageMs = () => nowMs() - openedMs;
  let connectMs: number | undefined;
  let firstByteMs: number | undefined;
  let answer = '';
  let isSettled = false;
  const settle = (outcome: ConnectionOutcome) => {
    if (isSettled) return;
    isSettled = true;
    socket.destroy();
    onSettled(outcome);
  };
  const fail = (error: string) => settle({ kind: 'failed', error, connectMs, ageMs: ageMs() });

  const socket = connect({ host, port });
  socket.setEncoding('latin1');
  socket.once('connect', () => {
    connectMs = ageMs();
    socket.write(requestText);
  });
  socket.on('data', (text: string) => {
    firstByteMs ??= ageMs();
    answer = (answer + text).slice(0, maxAnswerChars);
  });
  socket.once('end', () => {
    const status = readStatus(answer);
    if (status === undefined || connectMs === undefined || firstByteMs === undefined) {
      fail(answer === '' ? 'closed without an answer' : 'malformed answer');
    } else if (status < 200 || status > 299) fail(classifyStatus(status, answer));
    else settle({ kind: 'answered', connectMs, firstByteMs });
  });
  socket.on('error', (error) => fail(classifyConnectionError(error, connectMs !== undefined)));

  return {
    giveUp() {
      if (connectMs === undefined) settle({ kind: 'not connected', ageMs: ageMs() });
      else settle({ kind: 'never answered', connectMs, ageMs: ageMs() });
    },
  };
}

/** The kind a broken connection is counted under. The same code means something else once it was connected. */
export function classifyConnectionError(error: unknown, isConnected: boolean): string {
  const kind = classifyError(error);
  return isConnected && kind === 'connect timeout' ? 'timeout' : kind;
}

/** The status of an HTTP/1 answer; undefined when it is none. */
export function readStatus(answer: string): number | undefined {
  const status = /^HTTP\/1\.[01] (\d{3})[ \r]/.exec(answer)?.[1];
  return status === undefined ? undefined : Number(status);
}
