import { once } from 'node:events';
import { connect } from 'node:net';
import { request } from 'undici';
import { parseServerTiming } from '../generator/server-timing.ts';
import { LabError } from '../lab-error.ts';
import type { ReadyMessage } from '../target/ready-message.ts';
import { blockedAfterMs, waitUntilBlocked } from '../telemetry/heartbeat.ts';
import { expectAnswer } from './failed-call.ts';

/** The most iterations the server's contract allows for one call. */
const iterations = 134_217_728;
const path = `/compute?n=${iterations}`;
const requestText = `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`;
const calibrationCalls = 3;
const callTimeoutMs = 60_000;
/** All calls together stay within what a server reads from a socket at once, 64 KiB. */
const maxCalls = Math.floor(65_536 / requestText.length);

/**
 * Blocks an inline server's event loop. Resolves once it is certain to be blocked, for about another `blockMs`, with
 * what breaks the calls' connection off. Rejects with a {@link LabError} when it cannot be.
 *
 * The calls go out pipelined, on one connection and in one piece: Node hands them out one after the other without
 * turning its loop in between, so that no connection is accepted between two of them.
 */
export async function blockLoop(
  { port, adminPort }: ReadyMessage,
  blockMs: number,
  signal: AbortSignal,
): Promise<() => void> {
  if (adminPort === null) {
    throw new LabError('this server has no admin listener to tell whether its loop is blocked', 2);
  }
  const callMs = await calibrate(port, signal);
  const calls = Math.ceil((blockedAfterMs + blockMs) / callMs);
  if (calls > maxCalls) {
    throw new LabError(`cannot block the loop: ${path} takes only ${callMs.toFixed(2)} ms`, 3);
  }
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect', { signal });
    let answers = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      answers += text;
    });
    // When the server goes, the lab hears of it by other ways.
    socket.on('error', () => {});
    socket.write(requestText.repeat(calls));
    await waitUntilBlocked(adminPort, () => countAnswers(answers) < calls, signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return () => socket.destroy();
}

/** How long one call occupies the event loop, in milliseconds: the fastest of a few, so that the block is not too short. */
async function calibrate(port: number, signal: AbortSignal): Promise<number> {
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let done = 0; done < calibrationCalls; done += 1) {
    const url = `http://127.0.0.1:${port}${path}`;
    const answer = request(url, { headersTimeout: callTimeoutMs, signal });
    const call = { method: 'GET', path } as const;
    const headers = await expectAnswer('cannot block the loop', call, answer);
    const timing = headers['server-timing'];
    const computeMs =
      typeof timing === 'string' ? parseServerTiming(timing).get('compute') : undefined;
    if (computeMs === undefined || computeMs <= 0) {
      throw new LabError(`cannot block the loop: ${path} answered without Server-Timing`, 3);
    }
    fastestMs = Math.min(fastestMs, computeMs);
  }
  return fastestMs;
}

function countAnswers(answers: string): number {
  return answers.split('HTTP/1.1 ').length - 1;
}
