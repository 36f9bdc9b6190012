import type { Server } from 'node:http';
import type { Express } from 'express';
import { createHttpServer } from './fast-express.ts';
import { answerHalfClosed } from './half-closed.ts';
import { createListener } from './listener.ts';
import { closePipelined } from './pipelined.ts';
import { answerProtocolErrors } from './protocol-errors.ts';
import { closeStalledReaders } from './stalled-readers.ts';

/** The time limits of a server, in milliseconds. */
export type Timeouts = Record<
  'headersTimeout' | 'requestTimeout' | 'keepAliveTimeout' | 'connectionsCheckingInterval',
  number
>;

/** The app's HTTP server with all that stands between Node and the app; whoever calls this makes it listen. */
export function createServer(app: Express, timeouts: Timeouts): Server {
  // Requests without a Host are refused by our listener, with a body.
  const options = { ...timeouts, requireHostHeader: false };
  const server = createHttpServer(app, options, createListener(app));
  closePipelined(server);
  answerHalfClosed(server);
  answerProtocolErrors(server);
  // After the time for requests has been looked at, so that a late request is answered 408 before.
  closeStalledReaders(server, timeouts.requestTimeout + 2 * timeouts.connectionsCheckingInterval);
  return server;
}
