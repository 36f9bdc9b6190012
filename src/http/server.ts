import type { Server, ServerOptions } from 'node:http';
import type { Express } from 'express';
import { createHttpServer } from './fast-express.ts';
import { answerHalfClosed } from './half-closed.ts';
import { createListener } from './listener.ts';
import { closePipelined } from './pipelined.ts';
import { answerProtocolErrors } from './protocol-errors.ts';
import { closeStalledReaders } from './stalled-readers.ts';

/** The app's HTTP server with all that stands between Node and the app; whoever calls this makes it listen. */
export function createServer(app: Express, timeouts: ServerOptions = {}): Server {
  // Refused by our listener, with a body.
  const options = { ...timeouts, requireHostHeader: false };
  const server = createHttpServer(app, options, createListener(app));
  closePipelined(server);
  answerHalfClosed(server);
  answerProtocolErrors(server);
  closeStalledReaders(server, server.requestTimeout);
  return server;
}
