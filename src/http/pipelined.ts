import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Has a response that waits behind others on its connection emit `close` when that connection closes. Node 20 tells
 * only the one that is under way, so work for the others would go on, and they would count as in flight for ever.
 */
export function closePipelined(server: Server): void {
  const waitingOn = new WeakMap<Socket, Set<ServerResponse>>();
  server.prependListener('request', ({ socket }, res) => {
    // A response that is the first on its connection has it from the start.
    if (res.socket !== null) return;
    const waiting = waitingOn.get(socket) ?? watch(socket);
    waiting.add(res);
    res.once('close', () => waiting.delete(res));
  });

  function watch(socket: Socket): Set<ServerResponse> {
    const waiting = new Set<ServerResponse>();
    waitingOn.set(socket, waiting);
    // A turn later, when a newer Node has told them itself.
    socket.once('close', () => setImmediate(() => waiting.forEach(closeOnce)));
    return waiting;
  }
}

function closeOnce(response: ServerResponse): void {
  if (!response.closed) response.emit('close');
}
