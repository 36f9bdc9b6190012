import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** What has come in so far; the object stays the same and its numbers change. */
export interface RequestCounts {
  requestsTotal: number;
  requestsInFlight: number;
  connectionsTotal: number;
}

/** Counts a server's requests and connections from now on. */
export function countRequests(server: Server): RequestCounts {
  const counts: RequestCounts = { requestsTotal: 0, requestsInFlight: 0, connectionsTotal: 0 };
  const onEnd = () => counts.requestsInFlight--;
  server.on('connection', () => counts.connectionsTotal++);
  // Ahead of the app, which may end a response at once.
  server.prependListener('request', (_req: IncomingMessage, res: ServerResponse) => {
    counts.requestsTotal++;
    counts.requestsInFlight++;
    // Emitted once, so that `once`, which costs a closure per request, would gain nothing.
    res.on('close', onEnd);
  });
  return counts;
}
