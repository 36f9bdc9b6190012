import type { Server } from 'node:http';
import { responseOf } from './response-of.ts';

/**
 * Closes connections whose client has taken in nothing of an answer that waits for it in this process's memory for
 * `timeoutMs`. One whose answer is still computed is silent as well, and stays.
 */
export function closeStalledReaders(server: Server, timeoutMs: number): void {
  server.setTimeout(timeoutMs, (socket) => {
    // Without an answer under way it is Node's own time limit, for idle connections, that has passed.
    if (responseOf(socket) === undefined || socket.writableLength > 0) socket.destroy();
  });
}
