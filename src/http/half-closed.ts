import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { responseOf } from './response-of.ts';

const firstPauseMs = 2;
const pauseGrowth = 4;

/**
 * Answers clients that close their sending side after a request and wait, as `nc -N` does, and still finds out about
 * those that have gone. Both look the same, a FIN, until something is sent: to whoever has gone it is then refused
 * (RST), and the next write fails and closes the connection. So a client in HTTP/1.1 is sent `100 Continue` until its
 * answer is ready, which every client must expect and may ignore (RFC 9110 §15.2.1); the pauses between grow.
 * HTTP/1.0 knows no such interim answer, so there a FIN never counts as gone.
 */
export function answerHalfClosed(server: Server): void {
  // Not in Node's documentation, and in its HTTP server since its first versions.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on('connection', (socket) => socket.once('end', () => ask(socket, firstPauseMs)));
}

function ask(socket: Socket, pauseMs: number): void {
  const response = responseOf(socket);
  if (response === undefined || socket.destroyed) return;
  // One that has begun may have others behind it.
  if (!response.headersSent && response.req.httpVersion === '1.1') response.writeContinue();
  setTimeout(() => ask(socket, pauseMs * pauseGrowth), pauseMs).unref();
}
