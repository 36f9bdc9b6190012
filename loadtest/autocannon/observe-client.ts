import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Client } from 'autocannon';
import { classifyError } from '../generator/error-kind.ts';
import type { ConnectionRecorder } from './endpoint-recorder.ts';

/** What is used of autocannon 9.0.0's Client and missing in its types (lib/httpClient.js). */
interface ClientInternals extends EventEmitter {
  conn: Socket;
  parser: { initialize(type: 'RESPONSE'): void };
  _destroyConnection(): void;
}

/**
 * Records what happens on one of autocannon's connections, from within `setupClient`, before it connects.
 *
 * It also mends what autocannon 9.0.0 forgets when the server ends a connection. The lost request stays in its
 * queue, so that every later answer is timed from the request before it; and the parser goes on within the broken
 * answer. Dropping the old connection for good, before autocannon makes a new one, empties the queue. What ends
 * with FIN is no error in its books: it is one here.
 */
export function observeClient(client: Client, recorder: ConnectionRecorder, nowMs: () => number) {
  const internals = client as unknown as ClientInternals;
  let socket: Socket | undefined;
  internals.on('request', () => {
    recorder.send(nowMs());
    if (socket === internals.conn) return;
    socket = internals.conn;
    internals.parser.initialize('RESPONSE');
    socket.prependListener('end', () => {
      recorder.close();
      internals._destroyConnection();
    });
    socket.prependListener('error', () => internals._destroyConnection());
  });
  // What autocannon's `reqError` is made of, one step earlier: here it is known whose request it was.
  internals.on('connError', (error: unknown) => recorder.fail(classifyError(error)));
  client.on('response', (status, _bytes, serviceTimeMs) => recorder.answer(status, serviceTimeMs));
}
